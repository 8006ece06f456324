// For browsers that can't run the page's modules: shows the sentence that is in the HTML. For those that did not get
// them: tries again, as long as the page does nothing yet. Plain old syntax on purpose.
(function () {
  function show() {
    var sentence = document.getElementById("old");
    if (sentence) sentence.hidden = false;
  }
  // A module that failed once is not asked for again by its page: so the page begins anew once it can be had.
  function again(address) {
    setTimeout(function () {
      var request = new XMLHttpRequest();
      request.open("GET", address);
      request.onload = function () {
        var type = request.getResponseHeader("Content-Type") || "";
        if (request.status === 200 && type.indexOf("javascript") > 0) location.reload();
        else again(address);
      };
      request.onerror = function () {
        again(address);
      };
      request.send();
    }, 2000);
  }
  if (!("noModule" in document.createElement("script"))) show();
  window.addEventListener(
    "error",
    function (event) {
      if (/SyntaxError/.test(event.message || "")) show();
      else if (event.target && event.target.tagName === "SCRIPT" && event.target.type === "module") again(event.target.src);
    },
    true
  );
})();
