// Small images with captions, each a link to another page of the app.
//
// A plain click stays in this visit: it leaves the address to Streamlit, as a press of Back does.
// With a key or the middle button the browser opens the link elsewhere, as it does any link.
export default function ({ parentElement, data }) {
  parentElement.querySelector("ul")?.remove();
  const list = make("ul", parentElement);
  for (const { image, caption, alt, address } of data.images) {
    const link = make("a", make("li", list));
    link.href = address;
    const picture = make("img", link);
    picture.src = image;
    picture.alt = alt;
    make("span", link).textContent = caption;
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      history.pushState(null, "", link.href);
      dispatchEvent(new PopStateEvent("popstate"));
    });
  }
}

function make(kind, parent) {
  const element = document.createElement(kind);
  parent.append(element);
  return element;
}
