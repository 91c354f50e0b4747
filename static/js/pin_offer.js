// On a device that the floor board was opened on: the offer of a PIN for today, until it is put away.

import { boardWasHere } from "./floor_device.js";

const PUT_AWAY = "pin-offer-put-away";
const offer = document.querySelector("[data-pin-offer]");

function read() {
  try {
    return localStorage.getItem(PUT_AWAY);
  } catch {
    return null; // a browser that keeps nothing is no tablet of the floor
  }
}

if (offer && boardWasHere() && read() !== offer.dataset.pinOffer) {
  offer.hidden = false;
  offer.querySelector("button").addEventListener("click", () => {
    localStorage.setItem(PUT_AWAY, offer.dataset.pinOffer);
    offer.remove();
  });
}
