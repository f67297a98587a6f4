import Contract

/// How lists and grids are kept in a column: plain text, a tenth of the time of JSON. The status and the queue read
/// them for every case of a study.
enum CompactText {
  /// Lines; what is in one is never a line break.
  static func encode(_ words: [String]) -> String {
    words.map { $0.replacing("\n", with: " ") }.joined(separator: "\n")
  }

  static func words(_ text: String) -> [String] {
    text.isEmpty ? [] : text.split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }
  }

  /// Voxels along x, y, z, then the affine row by row. A number's text gives the same number back.
  static func encode(_ geometry: GridGeometry) -> String {
    (geometry.size.map { String($0) } + geometry.affine.map { String($0) }).joined(separator: " ")
  }

  static func geometry(_ text: String) throws(LedgerFault) -> GridGeometry {
    let numbers = text.split(separator: " ")
    let size = numbers.prefix(3).compactMap { Int($0) }
    let affine = numbers.dropFirst(3).compactMap { Double($0) }
    guard numbers.count == 15, GridGeometry.isGrid(size: size, affine: affine) else {
      throw .damaged("\(text) is no grid")
    }
    return GridGeometry(size: size, affine: affine)
  }

  /// A line for each neighbour, nearest first: its label and its distance.
  static func encode(_ nearest: [ProximityFigures.Neighbour]) -> String {
    encode(nearest.map { "\($0.id) \($0.distance)" })
  }

  static func neighbours(_ text: String) throws(LedgerFault) -> [ProximityFigures.Neighbour] {
    try words(text).map { line throws(LedgerFault) in
      let parts = line.split(separator: " ")
      guard parts.count == 2, let distance = Double(parts[1]) else { throw .damaged("\(line) is no neighbour") }
      return ProximityFigures.Neighbour(id: String(parts[0]), distance: distance)
    }
  }
}
