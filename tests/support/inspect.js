// Accessibility checks that the browser tests run inside a page: contrast, width and focus.
"use strict";

window.inspect = (() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });

  // Convert a CSS colour to [red, green, blue, alpha]: 0 to 255, alpha 0 to 1. A page has few colours and many elements.
  const colours = new Map();
  const toRgba = colour => {
    if (!colours.has(colour)) colours.set(colour, convert(colour));
    return colours.get(colour);
  };

  const convert = colour => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };

  // Blend a colour with an opaque background.
  const blend = ([r, g, b, a], background) => [r, g, b].map((value, i) => value * a + background[i] * (1 - a));

  // Relative luminance and contrast ratio, as WCAG 2.2 defines them.
  const luminance = channels => {
    const [r, g, b] = channels
      .map(value => value / 255)
      .map(value => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };

  const contrast = (first, second) => {
    const [light, dark] = [luminance(first), luminance(second)].sort((a, b) => b - a);
    return (light + 0.05) / (dark + 0.05);
  };

  // Blend the background colours of an element and its ancestors, from the outermost inwards.
  const backgroundOf = element => {
    const layers = [];
    for (let node = element; node; node = node.parentElement) layers.unshift(getComputedStyle(node).backgroundColor);
    return layers.reduce((background, colour) => blend(toRgba(colour), background), [255, 255, 255]);
  };

  const nameOf = element => `${element.tagName.toLowerCase()}.${element.className.baseVal ?? element.className}`;

  const describe = element =>
    `${nameOf(element)} ${element.getAttribute("href") ?? element.name ?? ""} ${element.textContent.trim().slice(0, 30)}`;

  const isVisible = element =>
    element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && element.getClientRects().length > 0;

  // Whether an element has text of its own, not only in its children.
  const hasText = element => [...element.childNodes].some(node => node.nodeType === Node.TEXT_NODE && node.data.trim());

  const axeViolations = async runOnly => {
    window.axe ?? loadAxe();
    const { violations } = await axe.run(document, { runOnly, resultTypes: ["violations"] });
    return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html.slice(0, 120)).join(" ")}`);
  };

  return {
    // Texts below the contrast of WCAG 2.2, 1.4.3: 4.5 to 1, for large text 3 to 1.
    lowContrastTexts: () =>
      [...document.body.querySelectorAll("*")]
        .filter(element => hasText(element) && isVisible(element) && !element.matches("svg *, :disabled, noscript"))
        .map(element => {
          const style = getComputedStyle(element);
          const size = parseFloat(style.fontSize);
          const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
          const background = backgroundOf(element);
          const ratio = contrast(blend(toRgba(style.color), background), background);
          const text = `${nameOf(element)} “${element.textContent.trim().slice(0, 30)}”`;
          return { ratio, required: large ? 3 : 4.5, text };
        })
        .filter(({ ratio, required }) => ratio < required)
        .map(({ ratio, text }) => `${text} ${ratio.toFixed(2)}`),

    // Fields and buttons that neither their border nor their background sets apart: 3 to 1 (WCAG 2.2, 1.4.11). The
    // browser draws check boxes and radio buttons.
    lowContrastControls: () =>
      [...document.body.querySelectorAll("input:not([type=checkbox], [type=radio]), button, select, textarea")]
        .filter(isVisible)
        .map(element => {
          const surroundings = backgroundOf(element.parentElement);
          const { borderTopColor, borderTopStyle } = getComputedStyle(element);
          const border = borderTopStyle === "none" ? [] : [blend(toRgba(borderTopColor), surroundings)];
          const colours = [backgroundOf(element), ...border];
          return { ratio: Math.max(...colours.map(colour => contrast(colour, surroundings))), text: nameOf(element) };
        })
        .filter(({ ratio }) => ratio < 3)
        .map(({ ratio, text }) => `${text} ${ratio.toFixed(2)}`),

    // Elements that make the page scroll sideways (WCAG 2.2, 1.4.10).
    overflowing: () => {
      const width = document.documentElement.clientWidth;
      if (document.documentElement.scrollWidth <= width) return [];
      const elements = [...document.body.querySelectorAll("*")];
      const wide = elements.filter(element => element.getBoundingClientRect().right > width + 0.5);
      return [`the page ${document.documentElement.scrollWidth}`, ...wide.map(nameOf)];
    },

    // Fields and buttons that are lower than a finger is wide: 44 pixels (WCAG 2.2, 2.5.5).
    smallControls: () =>
      [...document.body.querySelectorAll("input:not([type=checkbox], [type=radio]), button, select, textarea")]
        .filter(isVisible)
        .filter(element => element.getBoundingClientRect().height < 44)
        .map(nameOf),

    // The elements of the content that a keyboard must reach, as texts. A group of radio buttons is one.
    focusable: () => {
      const groups = new Set();
      const native = "a[href], button, input, select, textarea, summary";
      return [...document.querySelectorAll(`main :is(${native}, [tabindex='0'])`)]
        .filter(element => isVisible(element) && !element.disabled)
        .filter(({ type, name }) => type !== "radio" || (!groups.has(name) && groups.add(name)))
        .map(describe);
    },

    // Elements whose focus is not visible if they have it, for example in another colour scheme.
    invisibleFocus: () =>
      [...document.body.querySelectorAll("a[href], button, input, select, textarea, summary")]
        .filter(isVisible)
        .filter(element => {
          element.focus({ focusVisible: true });
          return !inspect.focus()?.visible;
        })
        .map(describe),

    // The violations that axe-core finds, as texts.
    axe: () => axeViolations(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]),

    // Those of the rules that depend on the size and the colours, and not only on the elements.
    axeLayout: () => axeViolations(["color-contrast", "link-in-text-block", "scrollable-region-focusable", "target-size"]),

    // The element with the focus, and whether the focus is visible (WCAG 2.2, 1.4.11, 2.4.7 and 2.4.11).
    focus: () => {
      const element = document.activeElement;
      if (!element || element === document.body) return null;
      const styles = [getComputedStyle(element), getComputedStyle(element, "::after")];
      const outline = styles.find(({ outlineStyle: s, outlineWidth: w }) => s !== "none" && parseFloat(w) >= 2);
      const background = backgroundOf(element.parentElement);
      const box = element.getBoundingClientRect();
      return {
        text: element.textContent.trim(),
        tag: element.tagName.toLowerCase(),
        id: element.id,
        name: describe(element),
        inMain: element.closest("main") !== null,
        closed: element.matches("details:not([open]) > summary"),
        visible:
          outline !== undefined &&
          contrast(blend(toRgba(outline.outlineColor), background), background) >= 3,
        // Scroll positions are whole pixels, so allow half a pixel. Of a text of several lines, a browser shows the
        // line with the cursor.
        inView:
          box.width > 0 && box.left >= -0.5 && box.right <= innerWidth + 0.5 &&
          (element.matches("textarea")
            ? box.top < innerHeight && box.bottom > 0
            : box.top >= -0.5 && box.bottom <= innerHeight + 0.5),
      };
    },
  };
})();
