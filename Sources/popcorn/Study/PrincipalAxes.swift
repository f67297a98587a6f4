import Glibc

/// The two axes along which vectors differ most (principal component analysis), found by power iteration on the matrix of
/// their products: there are fewer scans than entries of a latent.
struct PrincipalAxes {
  /// The scores of each vector on the first and the second axis; the sign of an axis is such that its largest score is
  /// positive.
  let scores: [(x: Double, y: Double)]

  private static let rounds = 300

  init(of vectors: [[Float]]) {
    let count = vectors.count
    let length = vectors.first?.count ?? 0
    var mean = [Double](repeating: 0, count: length)
    for vector in vectors { for place in 0..<length { mean[place] += Double(vector[place]) / Double(count) } }
    let centred: [[Double]] = vectors.map { vector in (0..<length).map { Double(vector[$0]) - mean[$0] } }
    var products: [[Double]] = centred.map { a in centred.map { b in Self.product(a, b) } }
    let first = Self.take(from: &products)
    let second = Self.take(from: &products)
    scores = zip(first, second).map { ($0, $1) }
  }

  /// The largest eigenvector of a symmetric matrix, times the root of its value; the matrix is left without it.
  private static func take(from matrix: inout [[Double]]) -> [Double] {
    let count = matrix.count
    // A start that is the same every time and lies along no axis by chance.
    var vector: [Double] = (0..<count).map { 1 + 0.1 * sin(Double($0 + 1)) }
    var value = 0.0
    for _ in 0..<rounds {
      let next: [Double] = matrix.map { row in product(row, vector) }
      value = product(next, next).squareRoot()
      guard value > 1e-12 else { return [Double](repeating: 0, count: count) }
      vector = next.map { $0 / value }
    }
    for row in 0..<count { for column in 0..<count { matrix[row][column] -= value * vector[row] * vector[column] } }
    let largest: Double = vector.max { abs($0) < abs($1) } ?? 1
    let scale = value.squareRoot() * (largest < 0 ? -1 : 1)
    return vector.map { $0 * scale }
  }

  private static func product(_ a: [Double], _ b: [Double]) -> Double {
    var sum = 0.0
    for place in a.indices { sum += a[place] * b[place] }
    return sum
  }
}
