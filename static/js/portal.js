// Tells that a person has a client page open. Mail scanners follow links without running this, and are not counted.

export {};

const A_MOMENT = 1500;

if (location.pathname.startsWith("/s/p/")) {
  setTimeout(() => {
    if (document.visibilityState === "visible") {
      fetch("seen/", { method: "POST", keepalive: true }).catch(() => {});
    }
  }, A_MOMENT);
}
