import Glibc

/// Float memory that is used again: what a step gives back the next one takes, so that after the first step nothing is
/// asked of the system.
///
/// It comes in large chunks of address space, of which only what is written to takes memory. A piece is cut from the lowest
/// gap that has room, and gaps that touch become one: what lives at different times lies in the same place.
final class Memory {
  /// A piece of it; goes back when its last owner does.
  final class Block {
    let start: UnsafeMutablePointer<Float>
    fileprivate let gap: Gap
    private let memory: Memory

    fileprivate init(_ gap: Gap, of memory: Memory) {
      self.gap = gap
      self.memory = memory
      start = gap.start.bindMemory(to: Float.self, capacity: gap.bytes / 4)
    }

    deinit { memory.take(back: gap) }
  }

  /// Bytes that nobody uses, or that a block has.
  fileprivate struct Gap {
    var start: UnsafeMutableRawPointer
    var bytes: Int
    var chunk: Int

    var end: UnsafeMutableRawPointer { start + bytes }
  }

  /// How many chunks were ever asked of the system.
  private(set) var allocations = 0

  private var chunks: [UnsafeMutableRawPointer] = []
  /// In the order of chunks, and of addresses in them.
  private var gaps: [Gap] = []

  private static let page = 4096
  private static let hugePage = 2 << 20
  private static let chunkBytes = 512 << 20

  deinit { for chunk in chunks { free(chunk) } }

  /// Room for `count` floats, contents undefined.
  func block(_ count: Int) throws -> Block {
    let bytes = max(count * 4 + Self.page - 1, Self.page) / Self.page * Self.page
    guard let place = gaps.firstIndex(where: { $0.bytes >= bytes }) else {
      try addChunk(of: bytes)
      return try block(count)
    }
    var taken = gaps[place]
    if taken.bytes == bytes {
      gaps.remove(at: place)
    } else {
      taken.bytes = bytes
      gaps[place].start += bytes
      gaps[place].bytes -= bytes
    }
    return Block(taken, of: self)
  }

  /// Gives what is free back to the system; it takes memory again where it is written to.
  func release() {
    for gap in gaps { madvise(gap.start, gap.bytes, MADV_DONTNEED) }
  }

  private func addChunk(of bytes: Int) throws {
    let size = (max(bytes, Self.chunkBytes) + Self.hugePage - 1) / Self.hugePage * Self.hugePage
    guard let raw = aligned_alloc(Self.hugePage, size) else { throw EngineError.memory(bytes) }
    allocations += 1
    madvise(raw, size, MADV_HUGEPAGE)
    gaps.append(Gap(start: raw, bytes: size, chunk: chunks.count))
    chunks.append(raw)
  }

  private func take(back gap: Gap) {
    var freed = gap
    var place = gaps.firstIndex { ($0.chunk, $0.start) > (gap.chunk, gap.start) } ?? gaps.count
    if place < gaps.count, gaps[place].chunk == gap.chunk, freed.end == gaps[place].start {
      freed.bytes += gaps.remove(at: place).bytes
    }
    if place > 0, gaps[place - 1].chunk == gap.chunk, gaps[place - 1].end == freed.start {
      place -= 1
      freed.start = gaps[place].start
      freed.bytes += gaps.remove(at: place).bytes
    }
    gaps.insert(freed, at: place)
  }
}
