// A client made from the description alone: it publishes with a topic token, reads the message back, manages topics with a key, and
// shows that a wrong call is an error of the compiler.
import createClient from "openapi-fetch";
import type { components, operations, paths } from "./schema.js";

declare const process: { env: Record<string, string | undefined>; exit(code: number): never };
const { NOTIFER_URL = "", TOKEN = "", KEY = "" } = process.env;
// Of the replies it reads those in JSON, not the ok that a sender to Slack hears.
const client = createClient<paths, "application/json">({ baseUrl: NOTIFER_URL });

function must<T>(what: string, reply: { data?: T; error?: unknown; response: Response }): T {
  if (reply.data === undefined) {
    console.error(`${what}: ${reply.response.status}`, reply.error);
    process.exit(1);
  }
  return reply.data;
}

const body: components["schemas"]["Publish"] = { message: "by TypeScript", title: "Generated", priority: 4, tags: ["ts"] };
const sent = must("publish", await client.POST("/{topic}", {
  params: { path: { topic: "generated" } }, headers: { "X-Topic-Token": TOKEN, "Content-Type": "application/json" }, body: body as never, bodySerializer: JSON.stringify,
}));
const list = must("read", await client.GET("/{topic}/json", {
  params: { path: { topic: "generated" }, query: { since: "all", limit: 10 } }, headers: { "X-Topic-Token": TOKEN },
}));
const topics = must("topics", await client.GET("/api/topics", { headers: { "X-API-Key": KEY } }));
const refused = await client.GET("/{topic}/json", { params: { path: { topic: "generated" } }, headers: { "X-Topic-Token": "tk_wrong" } });

// The names of operations are those of the description.
type Published = operations["publish"]["responses"]["200"]["content"]["application/json"];
const again: Published | undefined = list.find((m) => m.id === sent.id);
// @ts-expect-error: no such path
client.GET("/no/such/path");
console.log(JSON.stringify({ title: again?.title, priority: again?.priority, topics: topics.map((t) => t.name), refused: refused.response.status, detail: refused.error?.detail !== undefined }));
