// What Shiny does not do by itself: words beside inputs, the link of the view, opening a file.
"use strict";
(function () {
  function beside(message) {
    var notes = message.notes;
    document.querySelectorAll(".why").forEach(function (place) {
      var note = notes[place.dataset.of] || {};
      var input = document.getElementById(place.dataset.of);
      var words = (note.why || []).join("\n");
      place.textContent = words || note.hint || "";
      place.classList.toggle("error", note.kind === "error" && !!words);
      place.classList.toggle("warning", note.kind === "warning" && !!words);
      if (!input) return;
      if (words && note.kind === "error") input.setAttribute("aria-invalid", "true");
      else input.removeAttribute("aria-invalid");
      if (!input.classList.contains("shiny-input-checkboxgroup"))
        input.setAttribute("aria-describedby", place.id);
      if (words && note.kind === "error") {
        var box = place.closest("details");
        if (box) box.open = true;
      }
    });
  }

  function opened(event) {
    var input = event.target;
    var file = input.files && input.files[0];
    if (!file) return;
    var most = Number(input.dataset.most);
    function tell(text) {
      window.Shiny.setInputValue(
        "opened", { name: file.name.slice(0, 200), text: text, size: file.size },
        { priority: "event" });
      input.value = "";
    }
    if (file.size > most) { tell(""); return; }
    file.arrayBuffer().then(function (bytes) {
      return new window.TextDecoder("utf-8", { fatal: true }).decode(bytes);
    }).then(tell, function () { tell(null); });  // no text, as the command line sees it
  }

  // Boxes that hold more than they show get a hint.
  function markCut() {
    document.querySelectorAll(".table-box, figure .scroll").forEach(function (box) {
      if (box.scrollWidth > box.clientWidth + 1) box.setAttribute("data-cut", "");
      else box.removeAttribute("data-cut");
    });
  }
  var marking = 0;
  function markSoon() {
    window.clearTimeout(marking);
    marking = window.setTimeout(markCut, 80);
  }

  // "a file of mine" opens the chooser of files.
  function choose(event) {
    var file = document.getElementById("file");
    if (event.isTrusted && !event.target.value && file) file.click();
  }

  function begin() {
    if (!window.Shiny || !window.Shiny.addCustomMessageHandler) {
      window.setTimeout(begin, 20);
      return;
    }
    window.Shiny.addCustomMessageHandler("beside", beside);
    window.Shiny.addCustomMessageHandler("address", function (message) {
      var query = message.query;
      window.history.replaceState(null, "", query ? "?" + query : window.location.pathname);
    });
    // On a phone the inputs begin closed: the answer is what the page is for.
    window.jQuery(document).on("shiny:value", function (event) {
      if (window.innerWidth > 860) return;
      var boxes = { fields: "#fields details", problems: "#problems details:not(.errors)" };
      if (!boxes[event.name]) return;
      window.setTimeout(function () {
        document.querySelectorAll(boxes[event.name]).forEach(function (box) { box.open = false; });
      }, 0);
    });
    var file = document.getElementById("file");
    if (file) file.addEventListener("change", opened);
    var scenario = document.getElementById("scenario");
    if (scenario) scenario.addEventListener("change", choose);
    window.addEventListener("resize", markSoon);
    document.addEventListener("load", markSoon, true);  // pictures
    document.addEventListener("toggle", markSoon, true);
    window.jQuery(document).on("shiny:value shown.bs.tab", markSoon);
  }
  begin();
})();
