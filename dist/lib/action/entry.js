import { main } from "./main.js";
import { post } from "./post.js";
await (process.argv.includes('post') ? post() : main());
