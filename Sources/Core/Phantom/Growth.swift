/// Grows a connected region voxel by voxel, cheapest first, until it has the size asked for.
struct Growth {
  private var heap: [(cost: Float, index: Int)] = []

  /// The region's voxels, `size` of them or fewer where no more can be reached. `cost` is nil where it may not go.
  mutating func region(from seed: Int, size: Int, steps: [Int], cost: (Int) -> Float?) -> [Int] {
    heap.removeAll(keepingCapacity: true)
    var seen: Set<Int> = [seed]
    var region: [Int] = []
    if let first = cost(seed) { push((first, seed)) }
    while region.count < size, let next = pop() {
      region.append(next.index)
      for step in steps where seen.insert(next.index + step).inserted {
        if let price = cost(next.index + step) { push((price, next.index + step)) }
      }
    }
    return region
  }

  private static func precedes(_ a: (cost: Float, index: Int), _ b: (cost: Float, index: Int)) -> Bool {
    a.cost != b.cost ? a.cost < b.cost : a.index < b.index
  }

  private mutating func push(_ item: (cost: Float, index: Int)) {
    heap.append(item)
    var child = heap.count - 1
    while child > 0, Growth.precedes(heap[child], heap[(child - 1) / 2]) {
      heap.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  private mutating func pop() -> (cost: Float, index: Int)? {
    guard let top = heap.first else { return nil }
    let last = heap.removeLast()
    guard !heap.isEmpty else { return top }
    heap[0] = last
    var parent = 0
    while true {
      let left = 2 * parent + 1
      guard left < heap.count else { return top }
      let right = left + 1
      let child = right < heap.count && Growth.precedes(heap[right], heap[left]) ? right : left
      guard Growth.precedes(heap[child], heap[parent]) else { return top }
      heap.swapAt(child, parent)
      parent = child
    }
  }
}
