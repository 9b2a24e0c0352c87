/**
 * Which folder may import which.
 *
 * @module
 */

import type { Import, SourceFile } from "./source_file.ts";

/** From top to bottom; folders on one line are on one level. */
const LAYERS: readonly (readonly string[])[] = [
  ["main.ts"],
  ["cli"],
  ["mod.ts"], // of src/: the face to embedders
  ["server"],
  ["events"],
  ["monitor"],
  ["mqtt"],
  ["websocket"],
  ["jetstream"],
  ["raft"],
  ["store"],
  ["route", "gateway", "leafnode"],
  ["client"],
  ["account"],
  ["auth"],
  ["connection"],
  ["protocol"],
  ["config"],
  ["subject"],
  ["log"],
  ["runtime"],
];

/**
 * Faults of the imports between folders: upward or sideways, past the other
 * folder's `mod.ts` (types excepted), or out of `src/`.
 */
export function checkLayers(files: readonly SourceFile[]): string[] {
  return files.filter(({ path }) => layerOf(path) !== null)
    .flatMap((file) =>
      file.imports.flatMap((each) => checkImport(file.path, each))
    );
}

function checkImport(path: string, { target, typeOnly }: Import): string[] {
  const from = layerOf(path);
  const to = layerOf(target);
  if (from === null || from === to) return [];
  const arrow = `${path} imports ${target}`;
  if (to === null) return [`${arrow}, which is not part of the server`];
  const [above, below] = [levelOf(from), levelOf(to)];
  if (above < 0) return [`${path}: the layer list does not know ${from}`];
  if (below < 0) return [`${target}: the layer list does not know ${to}`];
  if (above >= below) {
    return [`${arrow}: ${from} does not stand above ${to}`];
  }
  return typeOnly || target === `src/${to}/mod.ts` || to === "mod.ts"
    ? []
    : [`${arrow}: import src/${to}/mod.ts instead`];
}

/** The folder of `src/` that a file belongs to; `null` outside of the server. */
function layerOf(path: string): string | null {
  if (path === "main.ts") return path;
  const [top, folder] = path.split("/");
  if (top !== "src" || folder === undefined || folder === "std") return null;
  return folder;
}

function levelOf(layer: string): number {
  return LAYERS.findIndex((level) => level.includes(layer));
}

/** Folders of `src/` without a `mod.ts` that opens with its contract. */
export function checkContracts(files: readonly SourceFile[]): string[] {
  const folders = new Set(
    files.map(({ path }) => layerOf(path))
      .filter((layer) => layer !== null && !layer.endsWith(".ts")),
  );
  return [...folders].flatMap((folder) => {
    const path = `src/${folder}/mod.ts`;
    const mod = files.find((file) => file.path === path);
    if (mod === undefined) return [`${path} is missing`];
    const header = /^\/\*\*([\s\S]*?)\*\//.exec(mod.text)?.[1] ?? "";
    const words = header.replaceAll("@module", "").match(/\w+/g) ?? [];
    const isContract = header.includes("@module") && words.length >= 8;
    return isContract
      ? []
      : [`${path} does not open with a comment that states its contract`];
  });
}
