// What groups are called, and the table that this device stands on.

// "Group 3", or what its table is called.
export function groupName(room, group) {
  return group.name ? room.say("group.named", { name: group.name }) : room.say("group.number", { n: group.number });
}

// "" as long as nobody has said: neither the address, nor somebody at this device.
export const tableOf = room => room.about.table ?? room.client.kept("table") ?? "";

// Where the address names a table it goes along: it is all that a browser without storage keeps.
export function remember(room, table) {
  const { about, client } = room;
  client.keep("table", table);
  if (!about.table) return;
  about.table = table.toUpperCase();
  const isAddress = /^[0-9A-Za-z-]{1,12}$/.test(table);
  history.replaceState({ table: about.table }, "", `/j/${about.code}${isAddress ? `/${about.table}` : ""}${location.search}`);
}
