// What people read, in their language: the twin of facilitate/languages in a browser, with the same answers.
//
// `entries` are the merged texts of one language. A plural form (`key_one`, `key_other`) is always chosen by
// the value `n`. A place without a value stays as it is; what is put in is never searched for places again.

const PLACE = /\{(\w+)\}/g;
const FORMS = ["other", "one", "two", "few", "many", "zero"];

export function sayer(code, entries) {
  // Made when first needed: together they take a slow phone a tenth of a second.
  const locale = once(() => known(entries["language.locale"]) ?? known(code) ?? "en");
  const plurals = once(() => new Intl.PluralRules(locale()));
  const decimals = once(() => new Intl.NumberFormat(locale(), { useGrouping: false, maximumFractionDigits: 3 }));

  function textOf(key, n) {
    if (typeof n === "number" && FORMS.some(form => has(entries, `${key}_${form}`))) {
      const form = entries[`${key}_${plurals().select(n)}`];
      if (typeof form === "string") return form;
    }
    return entries[key] ?? entries[`${key}_other`];
  }

  function shown(value) {
    if (value === null || value === undefined) return "";
    if (typeof value === "number" && !Number.isInteger(value)) return decimals().format(value);
    return String(value);
  }

  return function say(key, values = {}) {
    const text = textOf(key, values.n);
    if (typeof text !== "string") return key;
    return text.replace(PLACE, (place, name) => (has(values, name) ? shown(values[name]) : place));
  };
}

function once(make) {
  let made;
  return () => (made = made ?? make());
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
