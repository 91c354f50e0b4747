// Whether the floor board was opened on this device lately. It says nothing of anybody.

const OPENED = "floor-board-opened";
const DAYS = 30;

export function boardIsHere() {
  try {
    localStorage.setItem(OPENED, String(Date.now()));
  } catch {
    // A browser that keeps nothing: nothing is offered there.
  }
}

export function boardWasHere() {
  try {
    return Date.now() - Number(localStorage.getItem(OPENED)) < DAYS * 86400000;
  } catch {
    return false;
  }
}
