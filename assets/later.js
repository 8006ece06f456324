// What a phone's first page does not need: it is loaded right after it.

import cluster from "./cluster.js";
import discuss from "./discuss.js";
import results from "./results.js";
import vote from "./vote.js";

export default { cluster, discuss, results, vote };
