// What people read, in their language: the twin of facilitate/languages in a browser, with the same answers.
//
// `entries` are the merged texts of one language. A plural form (`key_one`, `key_other`) is always chosen by
// the value `n`. A place without a value stays as it is; what is put in is never searched for places again.

const PLACE = /\{(\w+)\}/g;

export function sayer(code, entries) {
  const locale = known(entries["language.locale"]) ?? known(code) ?? "en";
  const plurals = new Intl.PluralRules(locale);
  const decimals = new Intl.NumberFormat(locale, { useGrouping: false, maximumFractionDigits: 3 });

  function textOf(key, n) {
    if (typeof n === "number") {
      const form = entries[`${key}_${plurals.select(n)}`];
      if (typeof form === "string") return form;
    }
    return entries[key] ?? entries[`${key}_other`];
  }

  function shown(value) {
    if (value === null || value === undefined) return "";
    if (typeof value === "number" && !Number.isInteger(value)) return decimals.format(value);
    return String(value);
  }

  return function say(key, values = {}) {
    const text = textOf(key, values.n);
    if (typeof text !== "string") return key;
    return text.replace(PLACE, (place, name) => (has(values, name) ? shown(values[name]) : place));
  };
}

function known(code) {
  try {
    return Intl.PluralRules.supportedLocalesOf(code)[0];
  } catch {
    return undefined;
  }
}

function has(values, name) {
  return Object.prototype.hasOwnProperty.call(values, name);
}
