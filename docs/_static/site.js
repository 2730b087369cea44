// Each cell learns the name of its column: on a phone a table is shown as blocks (site.css).
for (const table of document.querySelectorAll("table.docutils")) {
  const names = [...table.querySelectorAll("thead th")].map((each) => each.innerText.trim());
  for (const row of table.querySelectorAll("tbody tr")) {
    [...row.children].forEach((cell, index) => {
      if (names[index]) cell.dataset.column = names[index];
    });
  }
}
