// What the tests ask of a page: what is too wide, what is too pale, what can be reached and seen to be reached.
"use strict";

window.inspect = (() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });

  // Any CSS colour as [red, green, blue, alpha], 0 to 255 and 0 to 1.
  const rgba = colour => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };

  const over = ([r, g, b, a], below) => [r, g, b].map((value, i) => value * a + below[i] * (1 - a));

  const luminance = channels => {
    const [r, g, b] = channels
      .map(value => value / 255)
      .map(value => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };

  const ratio = (one, other) => {
    const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
    return (light + 0.05) / (dark + 0.05);
  };

  // What lies behind an element: the backgrounds of its ancestors, laid over each other from the outermost on.
  const ground = element => {
    const layers = [];
    for (let node = element; node; node = node.parentElement) layers.unshift(getComputedStyle(node).backgroundColor);
    return layers.reduce((below, colour) => over(rgba(colour), below), [255, 255, 255]);
  };

  const name = element => `${element.tagName.toLowerCase()}.${element.className.baseVal ?? element.className}`;

  const shown = element =>
    element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && element.getClientRects().length > 0;

  // Whether text of its own stands in an element.
  const speaks = element => [...element.childNodes].some(node => node.nodeType === Node.TEXT_NODE && node.data.trim());

  return {
    // WCAG 2.2, 1.4.3: 4.5 to 1, for large text 3 to 1.
    paleTexts: () =>
      [...document.body.querySelectorAll("*")]
        .filter(element => speaks(element) && shown(element) && !element.matches("svg *, :disabled, noscript"))
        .map(element => {
          const style = getComputedStyle(element);
          const size = parseFloat(style.fontSize);
          const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
          const behind = ground(element);
          const found = ratio(over(rgba(style.color), behind), behind);
          return { found, enough: large ? 3 : 4.5, text: `${name(element)} “${element.textContent.trim().slice(0, 30)}”` };
        })
        .filter(({ found, enough }) => found < enough)
        .map(({ found, text }) => `${text} ${found.toFixed(2)}`),

    // WCAG 2.2, 1.4.11: where a field begins and a button ends, 3 to 1; by its border or by its own ground.
    paleEdges: () =>
      [...document.body.querySelectorAll("input, button, select, textarea")]
        .filter(shown)
        .map(element => {
          const around = ground(element.parentElement);
          const { borderTopColor, borderTopStyle } = getComputedStyle(element);
          const edges = [ground(element), ...(borderTopStyle === "none" ? [] : [over(rgba(borderTopColor), around)])];
          return { found: Math.max(...edges.map(edge => ratio(edge, around))), text: name(element) };
        })
        .filter(({ found }) => found < 3)
        .map(({ found, text }) => `${text} ${found.toFixed(2)}`),

    // WCAG 2.2, 1.4.10: nothing sticks out sideways.
    tooWide: () => {
      const width = document.documentElement.clientWidth;
      if (document.documentElement.scrollWidth <= width) return [];
      const wide = [...document.body.querySelectorAll("*")].filter(e => e.getBoundingClientRect().right > width + 0.5);
      return [`the page ${document.documentElement.scrollWidth}`, ...wide.map(name)];
    },

    // What has the focus, and whether a person can see that (WCAG 2.2, 1.4.11, 2.4.7 and 2.4.11).
    focus: () => {
      const element = document.activeElement;
      if (!element || element === document.body) return null;
      const styles = [getComputedStyle(element), getComputedStyle(element, "::after")];
      const outline = styles.find(({ outlineStyle: s, outlineWidth: w }) => s !== "none" && parseFloat(w) >= 2);
      const behind = ground(element.parentElement);
      const box = element.getBoundingClientRect();
      return {
        text: element.textContent.trim(),
        tag: element.tagName.toLowerCase(),
        id: element.id,
        marked: outline !== undefined && ratio(over(rgba(outline.outlineColor), behind), behind) >= 3,
        // Half a pixel is nothing: what is scrolled to ends on whole ones.
        inView:
          box.width > 0 && box.top >= -0.5 && box.left >= -0.5 &&
          box.bottom <= innerHeight + 0.5 && box.right <= innerWidth + 0.5,
      };
    },
  };
})();
