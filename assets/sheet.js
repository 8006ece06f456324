// The join sheet's one button.

document.getElementById("print").addEventListener("click", () => print());
