// Loaded before the first paint, so that no page flashes in the other scheme. A classic script: it imports nothing.
const chosen = localStorage.getItem('musclemap.theme');
if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen;
