import Contract

/// How a scan's storage axes lie in the body, and the way to RAS order by exchanging and turning axes alone.
public struct AxisOrder: Sendable, Equatable {
  /// For x, y, z of the RAS order: which storage axis (0…2) it is.
  let storage: [Int]
  /// For x, y, z of the RAS order: whether that storage axis runs against it.
  let isReversed: [Bool]

  /// The order nearest to an affine: of the six assignments of storage axes to body axes, the one whose cosines
  /// sum highest, so that each letter is used once whatever the obliquity.
  public init(of geometry: GridGeometry) {
    let spacing = geometry.spacing
    let cosine = { (world: Int, axis: Int) in geometry.affine[4 * world + axis] / spacing[axis] }
    let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]]
    let best = orders.map { order in (order, (0..<3).map { abs(cosine($0, order[$0])) }.reduce(0, +)) }
      .reduce(([0, 1, 2], -1.0)) { $1.1 > $0.1 + 1e-9 ? $1 : $0 }.0
    storage = best
    isReversed = (0..<3).map { cosine($0, best[$0]) < 0 }
  }

  /// The letters of the storage axes, fastest first: `RAS`, `LPS`, `ASR`.
  public var codes: String {
    let letters = [["R", "L"], ["A", "P"], ["S", "I"]]
    return (0..<3).map { axis in
      let world = storage.firstIndex(of: axis) ?? axis
      return letters[world][isReversed[world] ? 1 : 0]
    }.joined()
  }

  /// The body order of a list that is given by storage axes: sizes, spacings.
  func canonical<T>(_ list: [T]) -> [T] { storage.map { list[$0] } }

  /// The geometry of the volume in RAS order.
  public func canonical(_ geometry: GridGeometry) -> GridGeometry {
    var affine = [Double](repeating: 0, count: 12)
    var corner = [0.0, 0, 0]
    for axis in 0..<3 where isReversed[axis] { corner[storage[axis]] = Double(geometry.size[storage[axis]] - 1) }
    let origin = geometry.world(corner[0], corner[1], corner[2])
    for row in 0..<3 {
      for axis in 0..<3 {
        affine[4 * row + axis] = geometry.affine[4 * row + storage[axis]] * (isReversed[axis] ? -1 : 1)
      }
      affine[4 * row + 3] = origin[row]
    }
    return GridGeometry(size: canonical(geometry.size), affine: affine)
  }

  /// For a storage size: where the RAS voxel (0, 0, 0) lies in the values, and the step of each RAS axis.
  private func strides(in size: GridSize) -> (start: Int, steps: [Int]) {
    let natural = [1, size.x, size.x * size.y]
    var start = 0
    let steps = (0..<3).map { axis in
      let step = natural[storage[axis]]
      guard isReversed[axis] else { return step }
      start += step * (size.list[storage[axis]] - 1)
      return -step
    }
    return (start, steps)
  }

  /// The volume in RAS order: the same voxels.
  func canonical(_ volume: Volume<Float>) -> Volume<Float> { ordered(volume) }
  /// The mask in RAS order: the same voxels.
  public func canonical(_ mask: Volume<UInt8>) -> Volume<UInt8> { ordered(mask) }

  private func ordered<T>(_ volume: Volume<T>) -> Volume<T> {
    let size = GridSize(canonical(volume.size.list))
    let (start, steps) = strides(in: volume.size)
    var values = volume.values
    var index = 0
    for z in 0..<size.z {
      for y in 0..<size.y {
        var place = start + z * steps[2] + y * steps[1]
        for _ in 0..<size.x {
          values[index] = volume.values[place]
          index += 1
          place += steps[0]
        }
      }
    }
    return Volume(size: size, values: values)
  }

  /// The volume, given in RAS order, in storage order again.
  func stored(_ volume: Volume<Float>) -> Volume<Float> { unordered(volume) }
  /// The mask, given in RAS order, in storage order again.
  public func stored(_ mask: Volume<UInt8>) -> Volume<UInt8> { unordered(mask) }

  private func unordered<T>(_ volume: Volume<T>) -> Volume<T> {
    var sizes = [0, 0, 0]
    for axis in 0..<3 { sizes[storage[axis]] = volume.size.list[axis] }
    let size = GridSize(sizes)
    let (start, steps) = strides(in: size)
    var values = volume.values
    var index = 0
    for z in 0..<volume.size.z {
      for y in 0..<volume.size.y {
        var place = start + z * steps[2] + y * steps[1]
        for _ in 0..<volume.size.x {
          values[place] = volume.values[index]
          index += 1
          place += steps[0]
        }
      }
    }
    return Volume(size: size, values: values)
  }
}
