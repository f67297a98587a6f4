import Imaging

/// How far apart the surfaces of two masks lie, in mm. A surface voxel is one with a face towards the background or the
/// grid's border; distances are between voxel centres.
public struct SurfaceDistance: Sendable, Hashable, Codable {
  /// Average symmetric surface distance: the mean over all surface voxels of both masks.
  public let average: Double
  /// 95th percentile (linear between ranks) of the same distances, both ways pooled.
  public let percentile95: Double

  /// nil where a mask is empty. `spacing`: edges of a voxel in mm along x, y, z.
  public init?(truth: Volume<UInt8>, mask: Volume<UInt8>, spacing: [Double]) {
    precondition(truth.size == mask.size && spacing.count == 3, "masks of one image have one grid")
    guard let box = SurfaceDistance.box(around: truth, mask) else { return nil }
    let size = GridSize(box[0].count, box[1].count, box[2].count)
    let first = SurfaceDistance.surface(of: truth, in: box)
    let second = SurfaceDistance.surface(of: mask, in: box)
    guard first.contains(true), second.contains(true) else { return nil }
    let toFirst = squaredDistances(to: first, size: size, spacing: spacing)
    let toSecond = squaredDistances(to: second, size: size, spacing: spacing)
    var distances: [Double] = []
    for index in first.indices {
      if first[index] { distances.append(toSecond[index].squareRoot()) }
      if second[index] { distances.append(toFirst[index].squareRoot()) }
    }
    average = distances.reduce(0, +) / Double(distances.count)
    distances.sort()
    let place = 0.95 * Double(distances.count - 1)
    let lower = Int(place)
    let upper = min(lower + 1, distances.count - 1)
    percentile95 = distances[lower] + (place - Double(lower)) * (distances[upper] - distances[lower])
  }

  private static func box(around a: Volume<UInt8>, _ b: Volume<UInt8>) -> [Range<Int>]? {
    var low = [Int.max, Int.max, Int.max]
    var high = [-1, -1, -1]
    for z in 0..<a.size.z {
      for y in 0..<a.size.y {
        let row = a.size.x * (y + a.size.y * z)
        for x in 0..<a.size.x where a.values[row + x] | b.values[row + x] != 0 {
          for (axis, value) in [x, y, z].enumerated() {
            low[axis] = min(low[axis], value)
            high[axis] = max(high[axis], value)
          }
        }
      }
    }
    return high[0] < 0 ? nil : (0..<3).map { low[$0]..<high[$0] + 1 }
  }

  private static func surface(of mask: Volume<UInt8>, in box: [Range<Int>]) -> [Bool] {
    let size = mask.size
    var surface: [Bool] = []
    surface.reserveCapacity(box[0].count * box[1].count * box[2].count)
    func isSet(_ x: Int, _ y: Int, _ z: Int) -> Bool {
      x >= 0 && y >= 0 && z >= 0 && x < size.x && y < size.y && z < size.z
        && mask.values[x + size.x * (y + size.y * z)] != 0
    }
    for z in box[2] {
      for y in box[1] {
        for x in box[0] {
          let buried =
            isSet(x - 1, y, z) && isSet(x + 1, y, z) && isSet(x, y - 1, z) && isSet(x, y + 1, z)
            && isSet(x, y, z - 1) && isSet(x, y, z + 1)
          surface.append(isSet(x, y, z) && !buried)
        }
      }
    }
    return surface
  }
}

/// Exact squared Euclidean distance in mm² of every voxel to the nearest one that is set (Felzenszwalb and Huttenlocher,
/// Theory of Computing 2012); infinite where none is. Values are x fastest.
public func squaredDistances(to set: [Bool], size: GridSize, spacing: [Double]) -> [Double] {
  var distances = set.map { $0 ? 0 : Double.infinity }
  let lengths = [size.x, size.y, size.z]
  let steps = [1, size.x, size.x * size.y]
  for axis in 0..<3 {
    let (length, step) = (lengths[axis], steps[axis])
    var line = LowerEnvelope(length: length, spacing: spacing[axis])
    for start in distances.indices where start / step % length == 0 {
      line.transform(&distances, from: start, step: step)
    }
  }
  return distances
}

/// One line of the distance transform: the lower envelope of parabolas standing on the line's values.
private struct LowerEnvelope {
  private let spacing: Double
  private var values: [Double]
  private var feet: [Int]
  private var borders: [Double]

  init(length: Int, spacing: Double) {
    self.spacing = spacing
    values = Array(repeating: 0, count: length)
    feet = Array(repeating: 0, count: length)
    borders = Array(repeating: 0, count: length + 1)
  }

  mutating func transform(_ field: inout [Double], from start: Int, step: Int) {
    for place in values.indices { values[place] = field[start + place * step] }
    var top = -1
    for foot in values.indices where values[foot].isFinite {
      var border = -Double.infinity
      while top >= 0 {
        border = meeting(feet[top], foot)
        if border > borders[top] { break }
        top -= 1
      }
      top += 1
      feet[top] = foot
      borders[top] = top == 0 ? -.infinity : border
    }
    guard top >= 0 else { return }
    var current = 0
    for place in values.indices {
      let position = Double(place) * spacing
      while current < top, borders[current + 1] < position { current += 1 }
      let away = position - Double(feet[current]) * spacing
      field[start + place * step] = values[feet[current]] + away * away
    }
  }

  /// Where the parabolas on two feet, `a` left of `b`, cross.
  private func meeting(_ a: Int, _ b: Int) -> Double {
    let (left, right) = (Double(a) * spacing, Double(b) * spacing)
    return (values[b] - values[a] + right * right - left * left) / (2 * (right - left))
  }
}
