import Contract
import Engine

/// A case and its latent vector h.
public struct LatentCase: Sendable, Equatable {
  /// The case.
  public var id: String
  /// Its latent vector, 16 · width entries.
  public var latent: [Float]
  /// A case and its latent vector.
  public init(id: String, latent: [Float]) {
    self.id = id
    self.latent = latent
  }
}

/// Equation (6): the Euclidean distance ‖hᵢ − hⱼ‖ of two latents, in Double.
public func euclideanDistance(_ a: [Float], _ b: [Float]) -> Double {
  precondition(a.count == b.count, "two latents of one length")
  var squared = 0.0
  for index in a.indices {
    let difference = Double(a[index]) - Double(b[index])
    squared += difference * difference
  }
  return squared.squareRoot()
}

/// Equation (6) for every i ∈ U and j ∈ T, as far as equation (7) needs it: of each case of the pool the `neighbours`
/// nearest of the training set, and the sum of their distances. In the order of `pool`.
///
/// Distances are found by sgemm in blocks, never the whole matrix; whatever might be among the nearest by the error
/// bound of that product is measured again in Double, so that the answer is that of exact arithmetic on the latents.
/// Equal distances are ordered by case. A training set with fewer than `neighbours` cases gives all it has.
/// - Precondition: all latents have one length, are finite, and `trusted` is not empty.
public func proximity(of pool: [LatentCase], to trusted: [LatentCase], neighbours: Int) -> [ProximityFigures] {
  precondition(!trusted.isEmpty && neighbours > 0, "proximity needs something to be near to")
  let scan = CandidateScan(pool: pool, trusted: trusted, neighbours: neighbours)
  return pool.indices.map { row in
    let nearest =
      scan.candidates[row]
      .map { (id: trusted[$0].id, distance: euclideanDistance(pool[row].latent, trusted[$0].latent)) }
      .sorted { ($0.distance, $0.id) < ($1.distance, $1.id) }
      .prefix(neighbours)
    return ProximityFigures(
      id: pool[row].id, sum: nearest.reduce(0) { $0 + $1.distance },
      nearest: nearest.map { ProximityFigures.Neighbour(id: $0.id, distance: $0.distance) })
  }
}

/// For each row of the pool the indices into the training set that can be among its nearest.
private struct CandidateScan {
  private(set) var candidates: [[Int]]

  private static let rowsOfABlock = 512
  private static let columnsOfABlock = 2048

  init(pool: [LatentCase], trusted: [LatentCase], neighbours: Int) {
    candidates = Array(repeating: [], count: pool.count)
    let length = trusted[0].latent.count
    // Distances do not change when all latents are moved; around their centre they are short, and sgemm's error,
    // which grows with their lengths, is small.
    let centre = Self.centre(of: trusted, length: length)
    let columns = Self.centred(trusted, on: centre)
    let columnNorms = Self.squaredLengths(columns, length: length)
    let longestColumn = columnNorms.max() ?? 0
    let wanted = min(neighbours, trusted.count)
    for firstRow in stride(from: 0, to: pool.count, by: Self.rowsOfABlock) {
      let rowCount = min(Self.rowsOfABlock, pool.count - firstRow)
      let rows = Self.centred(Array(pool[firstRow..<firstRow + rowCount]), on: centre)
      let rowNorms = Self.squaredLengths(rows, length: length)
      var shortlists = rowNorms.map { norm in
        Shortlist(count: wanted, error: Self.errorBound(norm, longestColumn, length: length))
      }
      var product = [Float](repeating: 0, count: rowCount * min(Self.columnsOfABlock, trusted.count))
      for firstColumn in stride(from: 0, to: trusted.count, by: Self.columnsOfABlock) {
        let columnCount = min(Self.columnsOfABlock, trusted.count - firstColumn)
        MatrixProduct.scalarProducts(
          rows, rowCount, columns, from: firstColumn, columnCount, length: length, into: &product)
        for row in 0..<rowCount {
          shortlists[row].take(
            products: product[row * columnCount..<(row + 1) * columnCount], norms: columnNorms,
            firstColumn: firstColumn)
        }
      }
      for row in 0..<rowCount { candidates[firstRow + row] = shortlists[row].candidates }
    }
  }

  private static func centre(of cases: [LatentCase], length: Int) -> [Double] {
    var centre = [Double](repeating: 0, count: length)
    for member in cases { for index in 0..<length { centre[index] += Double(member.latent[index]) } }
    return centre.map { $0 / Double(cases.count) }
  }

  private static func centred(_ cases: [LatentCase], on centre: [Double]) -> [Float] {
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

  mutating func take(products: ArraySlice<Float>, norms: [Float], firstColumn: Int) {
    var column = firstColumn
    for product in products {
      let key = norms[column] - 2 * product
      if key <= limit { enter(key, column) }
      column += 1
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
