// stand-in while the screen is being written
import * as Vue from "./vue.js";
import "./live.js";
