import Engine

/// A rotation by a multiple of 90° about one axis, then a flip or none: drawn once for a pair, so that both patches and
/// both masks keep the same region in the same orientation.
public struct Orientation: Hashable, Sendable {
  /// One of ten equally likely: 0 none, then 90°, 180° and 270° about x, about y, about z.
  public let rotation: Int
  /// One of four equally likely: 0 none, 1 to 3 along x, y, z.
  public let flip: Int

  /// A given orientation: `rotation` 0…9, `flip` 0…3.
  public init(rotation: Int, flip: Int) {
    self.rotation = rotation
    self.flip = flip
  }

  /// A random orientation.
  public init(random: inout Random) {
    self.init(rotation: random.int(below: 10), flip: random.int(below: 4))
  }

  /// A cubic patch turned. (D, H, W) in and out.
  public func apply<Element>(to patch: [Element], edge: Int) -> [Element] {
    guard rotation != 0 || flip != 0 else { return patch }
    let (origin, steps) = walk(edge: edge)
    var turned: [Element] = []
    turned.reserveCapacity(patch.count)
    for z in 0..<edge {
      for y in 0..<edge {
        var source = origin + steps[2] * z + steps[1] * y
        for _ in 0..<edge {
          turned.append(patch[source])
          source += steps[0]
        }
      }
    }
    return turned
  }

  /// The index in the patch of the turned patch's first voxel, and by how much it moves with x, y and z there.
  private func walk(edge: Int) -> (origin: Int, steps: [Int]) {
    let strides = [1, edge, edge * edge]
    var origin = 0
    var steps = strides
    func reverse(_ axis: Int) {
      origin += steps[axis] * (edge - 1)
      steps[axis] = -steps[axis]
    }
    if rotation > 0 {
      let axis = (rotation - 1) / 3
      let (first, second) = ((axis + 1) % 3, (axis + 2) % 3)
      switch (rotation - 1) % 3 {
      case 0:
        steps.swapAt(first, second)
        reverse(first)
      case 1:
        reverse(first)
        reverse(second)
      default:
        steps.swapAt(first, second)
        reverse(second)
      }
    }
    if flip > 0 { reverse(flip - 1) }
    return (origin, steps)
  }
}
