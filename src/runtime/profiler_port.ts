/**
 * The profiler port: what the engine that runs the program can tell about it.
 *
 * The shapes are those of the DevTools protocol (`Profiler.Profile`,
 * `HeapProfiler.SamplingHeapProfile`), as far as they are used.
 *
 * @module
 */

/** A function of the program that runs, which is not always its source. */
export interface CodeFrame {
  /** Empty: anonymous; in parentheses: what is no function, as `(root)`. */
  readonly functionName: string;
  /** Module; empty: native. */
  readonly url: string;
  /** Counted from 0; -1: unknown. */
  readonly lineNumber: number;
}

/** A call path: itself and, by `children`, those that it leads to. */
export interface CpuProfileNode {
  readonly id: number;
  readonly callFrame: CodeFrame;
  /** Ids. */
  readonly children?: readonly number[];
}

/** Where the event loop was, looked at again and again. Times in microseconds. */
export interface CpuProfile {
  readonly nodes: readonly CpuProfileNode[];
  readonly startTime: number;
  readonly endTime: number;
  /** Ids of nodes, in order. */
  readonly samples?: readonly number[];
  /** Time before each sample, since the one before or the start. */
  readonly timeDeltas?: readonly number[];
}

/** What a call path allocated. */
export interface HeapProfileNode {
  readonly id: number;
  readonly callFrame: CodeFrame;
  /** Bytes, estimated from the samples. */
  readonly selfSize: number;
  readonly children: readonly HeapProfileNode[];
}

/** Sampled allocations. */
export interface HeapProfile {
  readonly head: HeapProfileNode;
}

/** How the heap is sampled. */
export interface HeapSampling {
  /** Mean bytes between two samples. */
  readonly interval: number;
  /** Whether what was collected meanwhile counts, too. */
  readonly collected: boolean;
}

/**
 * Looks at the program while it runs. One profile of each kind at a time: the
 * caller sees to that.
 */
export interface Profiler {
  /** @param interval microseconds between two samples. @throws Error */
  startCpu(interval: number): Promise<void>;
  /** Ends what `startCpu` began. @throws Error */
  stopCpu(): Promise<CpuProfile>;
  /** @throws Error */
  startHeap(sampling: HeapSampling): Promise<void>;
  /** What was sampled since `startHeap`; goes on. @throws Error */
  heap(): Promise<HeapProfile>;
  /** Ends what `startHeap` began. @throws Error */
  stopHeap(): Promise<void>;
}
