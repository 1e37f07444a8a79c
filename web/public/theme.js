// Runs before anything is painted, so that a chosen theme never flashes. A file, not inline: the server's policy allows no inline scripts.
(function () {
    var chosen = null;
    try {
        chosen = localStorage.getItem('flyball.theme');
    } catch (_) {
        // storage is off: follow the system
    }
    if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen;
})();
