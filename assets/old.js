// For browsers that can't run the page's modules: shows the sentence that is in the HTML. Plain old syntax on purpose.
(function () {
  function show() {
    var sentence = document.getElementById("old");
    if (sentence) sentence.hidden = false;
  }
  if (!("noModule" in document.createElement("script"))) show();
  window.addEventListener("error", function (event) {
    if (/SyntaxError/.test(event.message || "")) show();
  });
})();
