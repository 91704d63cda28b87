// Sends the form with the token of the link, and says what came of it.
const form = document.querySelector('form');
const status = document.querySelector('[role=status]');
const button = form.querySelector('button');

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  button.disabled = true;
  status.textContent = 'One moment …';
  try {
    const body = JSON.stringify({ token: location.hash.slice(1), ...Object.fromEntries(new FormData(form)) });
    const answer = await fetch(form.dataset.route, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body });
    if (answer.ok) {
      form.hidden = true;
      status.textContent = form.dataset.done;
      return;
    }
    status.textContent = describe((await answer.json()).error);
  } catch {
    status.textContent = 'The server could not be reached. Try again.';
  }
  button.disabled = false;
});

function describe({ message, details }) {
  if (!Array.isArray(details)) return message;
  return details.map(({ path, message: problem }) => (path === '/body/token' ? 'This link is not known, was used before, or has expired.' : `${path.split('/').pop()} ${problem}.`)).join(' ');
}
