import Dispatch
import Engine
import Synchronization

/// Finds, for rows of a pool, which of the training set can be among their nearest.
struct CandidateScan: Sendable {
  private let neighbours: Int
  private let length: Int
  private let centre: [Double]
  private let columns: [Float]
  private let columnNorms: [Float]
  private let longestColumn: Float

  private static let rowsOfABlock = 512
  private static let columnsOfABlock = 2048

  /// Distances do not change when all latents are moved; around their centre they are short, and sgemm's error, which
  /// grows with their lengths, is small.
  init(_ trusted: [LatentCase], neighbours: Int) {
    length = trusted[0].latent.count
    centre = Self.centre(of: trusted, length: length)
    columns = Self.centred(trusted[...], on: centre)
    columnNorms = Self.squaredLengths(columns, length: length)
    longestColumn = columnNorms.max() ?? 0
    self.neighbours = min(neighbours, trusted.count)
  }

  /// What `answer` makes of each row of the pool and the indices into the training set that can be among its nearest, in
  /// the order of the pool. Threads of the engine's number share the blocks; each holds one block of products.
  func blocks<Answer: Sendable>(of pool: [LatentCase], answer: @Sendable (Int, [Int]) -> Answer) -> [Answer] {
    let firsts = Array(stride(from: 0, to: pool.count, by: Self.rowsOfABlock))
    let answers = Mutex([[Answer]](repeating: [], count: firsts.count))
    let threads = max(1, min(CPU.threads, firsts.count))
    MatrixProduct.withOneThread {
      DispatchQueue.concurrentPerform(iterations: threads) { thread in
        for block in stride(from: thread, to: firsts.count, by: threads) {
          let rows = firsts[block]..<min(firsts[block] + Self.rowsOfABlock, pool.count)
          let found = zip(rows, candidates(of: pool[rows])).map { answer($0, $1) }
          answers.withLock { $0[block] = found }
        }
      }
    }
    return answers.withLock { $0.flatMap(\.self) }
  }

  private func candidates(of cases: ArraySlice<LatentCase>) -> [[Int]] {
    let rows = Self.centred(cases, on: centre)
    let rowNorms = Self.squaredLengths(rows, length: length)
    var shortlists = rowNorms.map { norm in
      Shortlist(count: neighbours, error: Self.errorBound(norm, longestColumn, length: length))
    }
    let columnTotal = columnNorms.count
    var product = [Float](repeating: 0, count: cases.count * min(Self.columnsOfABlock, columnTotal))
    for firstColumn in stride(from: 0, to: columnTotal, by: Self.columnsOfABlock) {
      let columnCount = min(Self.columnsOfABlock, columnTotal - firstColumn)
      MatrixProduct.scalarProducts(
        rows, cases.count, columns, from: firstColumn, columnCount, length: length, into: &product)
      product.withUnsafeBufferPointer { product in
        columnNorms.withUnsafeBufferPointer { norms in
          for row in shortlists.indices {
            shortlists[row].take(
              products: UnsafeBufferPointer(rebasing: product[row * columnCount..<(row + 1) * columnCount]),
              norms: UnsafeBufferPointer(rebasing: norms[firstColumn..<firstColumn + columnCount]),
              firstColumn: firstColumn)
          }
        }
      }
    }
    return shortlists.map(\.candidates)
  }

  private static func centre(of cases: [LatentCase], length: Int) -> [Double] {
    var centre = [Double](repeating: 0, count: length)
    for member in cases { for index in 0..<length { centre[index] += Double(member.latent[index]) } }
    return centre.map { $0 / Double(cases.count) }
  }

  private static func centred(_ cases: ArraySlice<LatentCase>, on centre: [Double]) -> [Float] {
    var flat: [Float] = []
    flat.reserveCapacity(cases.count * centre.count)
    for member in cases {
      precondition(member.latent.count == centre.count, "latents of one length")
      for index in centre.indices { flat.append(Float(Double(member.latent[index]) - centre[index])) }
    }
    return flat
  }

  private static func squaredLengths(_ flat: [Float], length: Int) -> [Float] {
    stride(from: 0, to: flat.count, by: length).map { start in
      Float(flat[start..<start + length].reduce(0.0) { $0 + Double($1) * Double($1) })
    }
  }

  /// By how much |x|² + |y|² − 2 x·y in Float can be off: the usual bound of a sum of `length` products, for the
  /// longest of the other side, with room for the rounding of the centred latents and of the three terms.
  private static func errorBound(_ rowNorm: Float, _ longestColumn: Float, length: Int) -> Float {
    let reach = rowNorm.squareRoot() + longestColumn.squareRoot()
    return Float(length + 16) * Float.ulpOfOne * reach * reach + Float.leastNormalMagnitude
  }
}

/// The columns that can be among the nearest of one row, as more of them are seen.
private struct Shortlist {
  private let count: Int
  private let error: Float
  /// The smallest approximate keys so far (|y|² − 2 x·y, the row's own |x|² left out), ascending, `count` at most.
  private var best: [Float] = []
  private var entries: [(key: Float, column: Int)] = []
  private var limit = Float.infinity

  init(count: Int, error: Float) {
    self.count = count
    self.error = error
  }

  /// Scalar products with columns from `firstColumn` on, and those columns' squared lengths. Few of them can be among the
  /// nearest once some are known.
  mutating func take(products: UnsafeBufferPointer<Float>, norms: UnsafeBufferPointer<Float>, firstColumn: Int) {
    var column = MatrixProduct.nextKey(products, norms, from: 0, atMost: limit)
    while column < products.count {
      enter(norms[column] - 2 * products[column], firstColumn + column)
      column = MatrixProduct.nextKey(products, norms, from: column + 1, atMost: limit)
    }
  }

  private mutating func enter(_ key: Float, _ column: Int) {
    entries.append((key, column))
    if best.count < count || key < best[count - 1] {
      best.insert(key, at: best.firstIndex { key < $0 } ?? best.count)
      if best.count > count { best.removeLast() }
      if best.count == count { limit = best[count - 1] + 2 * error }
    }
    if entries.count > 1024 + 8 * count { entries.removeAll { $0.key > limit } }
  }

  var candidates: [Int] { entries.filter { $0.key <= limit }.map(\.column) }
}
