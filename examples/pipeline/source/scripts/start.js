// Wires the page.
document.getElementById('search').addEventListener('submit', (event) => {
  event.preventDefault();
  show(new FormData(event.target).get('word'));
});
