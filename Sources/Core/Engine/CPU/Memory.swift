import Glibc

/// Float memory that is used again: what a step gives back the next one takes, so that after the first step nothing is
/// allocated. Large blocks ask for huge pages.
final class Memory {
  /// A piece of it; goes back when its last owner does.
  final class Block {
    let start: UnsafeMutablePointer<Float>
    fileprivate let bytes: Int
    private let memory: Memory

    fileprivate init(_ start: UnsafeMutablePointer<Float>, _ bytes: Int, of memory: Memory) {
      self.start = start
      self.bytes = bytes
      self.memory = memory
    }

    deinit { memory.take(back: start, bytes) }
  }

  /// How many pieces were ever asked of the system.
  private(set) var allocations = 0

  private var free: [(start: UnsafeMutablePointer<Float>, bytes: Int)] = []
  private static let page = 2 << 20

  deinit { release() }

  /// Room for `count` floats, contents undefined: the smallest free block that is not more than half again too large.
  func block(_ count: Int) throws -> Block {
    let grain = count * 4 < Self.page ? 4096 : Self.page
    let bytes = max(count * 4 + grain - 1, grain) / grain * grain
    let fitting = free.indices.filter { free[$0].bytes >= bytes && free[$0].bytes <= bytes + bytes / 2 }
    if let best = fitting.min(by: { free[$0].bytes < free[$1].bytes }) {
      let (start, size) = free.remove(at: best)
      return Block(start, size, of: self)
    }
    guard let raw = aligned_alloc(grain, bytes) else { throw EngineError.memory(bytes) }
    allocations += 1
    if grain == Self.page { madvise(raw, bytes, MADV_HUGEPAGE) }
    return Block(raw.bindMemory(to: Float.self, capacity: bytes / 4), bytes, of: self)
  }

  /// Gives what is free back to the system.
  func release() {
    for (start, _) in free { Glibc.free(start) }
    free = []
  }

  private func take(back start: UnsafeMutablePointer<Float>, _ bytes: Int) { free.append((start, bytes)) }
}
