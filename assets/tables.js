// What groups are called, and the table that this device stands on.

// "Group 3", or what its table is called, or what its people have in common.
export function groupName(room, group) {
  const name = group.title ? room.text(group.title) : group.name;
  return name ? room.say("group.named", { name }) : room.say("group.number", { n: group.number });
}

// A group's own board by the table it lies on: groups move on.
export function boardName(room, board) {
  const title = room.text(board.title);
  return board.of ? `${title}\u00a0${board.code ?? board.table}` : title;
}

// What comes of groups after a phase: what the next one that forms or ends them says, null where none does.
export function comesOf(phases, phase) {
  return phases.filter(it => it.order > phase.order && !it.skipped && it.groups).sort((a, b) => a.order - b.order)[0]?.groups ?? null;
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
  history.replaceState({ ...history.state, table: about.table }, "", `/j/${about.code}${isAddress ? `/${about.table}` : ""}${location.search}`);
}
