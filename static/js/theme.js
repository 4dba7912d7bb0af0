// Loaded first and blocking: a person whose theme is "as the system" gets dark before anything is painted.
(() => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => root.classList.contains("system") && root.classList.toggle("dark", dark.matches);
  apply();
  dark.addEventListener("change", apply);
})();
