// Looks products up as the customer types.
const results = document.getElementById('results');

async function show(word) {
  const answer = await fetch('/products?word=' + encodeURIComponent(word));
  const lines = (await answer.text()).trim().split('\n');
  results.replaceChildren(...lines.map((line) => Object.assign(document.createElement('li'), { textContent: line })));
}
