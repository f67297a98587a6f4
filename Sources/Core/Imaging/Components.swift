/// Connected components of a mask: lesions.
public enum Components {
  /// Which of its 26 surroundings a voxel touches.
  public enum Connectivity: Int, Sendable, CaseIterable {
    /// 6: voxels that share a face.
    case faces = 6
    /// 18: a face or an edge.
    case edges = 18
    /// 26: a face, an edge or a corner.
    case corners = 26

    /// The surroundings that come before a voxel in storage order.
    fileprivate var earlier: [(x: Int, y: Int, z: Int)] {
      var list: [(Int, Int, Int)] = []
      let most = self == .faces ? 1 : self == .edges ? 2 : 3
      for z in -1...0 {
        for y in -1...1 {
          for x in -1...1 where (z, y, x) < (0, 0, 0) && abs(x) + abs(y) + abs(z) <= most { list.append((x, y, z)) }
        }
      }
      return list
    }
  }

  /// Numbers the components from 1, in the order in which they begin in storage; 0 where the mask is 0.
  public static func label(
    _ mask: Volume<UInt8>, connectivity: Connectivity
  ) -> (labels: Volume<Int32>, count: Int) {
    let size = mask.size
    var labels = [Int32](repeating: 0, count: size.count)
    var parents: [Int32] = [0]
    let earlier = connectivity.earlier
    mask.values.withUnsafeBufferPointer { values in
      labels.withUnsafeMutableBufferPointer { labels in
        var index = 0
        for z in 0..<size.z {
          for y in 0..<size.y {
            for x in 0..<size.x {
              defer { index += 1 }
              guard values[index] != 0 else { continue }
              var own = Int32(0)
              for step in earlier {
                let (nx, ny, nz) = (x + step.x, y + step.y, z + step.z)
                guard nx >= 0, nx < size.x, ny >= 0, ny < size.y, nz >= 0 else { continue }
                let other = labels[size.index(nx, ny, nz)]
                guard other != 0 else { continue }
                own = own == 0 ? root(of: other, &parents) : join(own, other, &parents)
              }
              if own == 0 {
                own = Int32(parents.count)
                parents.append(own)
              }
              labels[index] = own
            }
          }
        }
      }
    }
    // Roots are the smallest of their component, so numbering them in order is numbering by first voxel.
    var numbers = [Int32](repeating: 0, count: parents.count)
    var count = Int32(0)
    for label in parents.indices.dropFirst() {
      let top = Int(root(of: Int32(label), &parents))
      if numbers[top] == 0 {
        count += 1
        numbers[top] = count
      }
      numbers[label] = numbers[top]
    }
    for index in labels.indices where labels[index] != 0 { labels[index] = numbers[Int(labels[index])] }
    return (Volume(size: size, values: labels), Int(count))
  }

  private static func root(of label: Int32, _ parents: inout [Int32]) -> Int32 {
    var label = label
    while parents[Int(label)] != label {
      parents[Int(label)] = parents[Int(parents[Int(label)])]
      label = parents[Int(label)]
    }
    return label
  }

  private static func join(_ a: Int32, _ b: Int32, _ parents: inout [Int32]) -> Int32 {
    let (a, b) = (root(of: a, &parents), root(of: b, &parents))
    parents[Int(max(a, b))] = min(a, b)
    return min(a, b)
  }

  /// Voxels of each component; entry 0 is component 1.
  public static func sizes(of labels: Volume<Int32>, count: Int) -> [Int] {
    var sizes = [Int](repeating: 0, count: count)
    for label in labels.values where label > 0 { sizes[Int(label) - 1] += 1 }
    return sizes
  }

  struct Box {
    var low: [Int]
    var high: [Int]
    var centre: [Double] { (0..<3).map { Double(low[$0] + high[$0]) / 2 } }
  }

  static func boxes(of labels: Volume<Int32>, count: Int) -> [Box] {
    var boxes = [Box](repeating: Box(low: labels.size.list, high: [-1, -1, -1]), count: count)
    var index = 0
    for z in 0..<labels.size.z {
      for y in 0..<labels.size.y {
        for x in 0..<labels.size.x {
          let label = Int(labels.values[index])
          index += 1
          guard label > 0 else { continue }
          for (axis, place) in [(0, x), (1, y), (2, z)] {
            boxes[label - 1].low[axis] = min(boxes[label - 1].low[axis], place)
            boxes[label - 1].high[axis] = max(boxes[label - 1].high[axis], place)
          }
        }
      }
    }
    return boxes
  }
}

/// What a mask measures.
public struct LesionFigures: Sendable, Equatable {
  /// Lesions: components by faces, edges or corners.
  public let count: Int
  /// Voxels.
  public let voxels: Int
  /// Volume, ml.
  public let ml: Double
  /// Volume of the largest lesion, ml.
  public let largestMl: Double

  /// Measures a mask whose voxels have `voxelVolume` mm³.
  public init(of mask: Volume<UInt8>, voxelVolume: Double) {
    let (labels, count) = Components.label(mask, connectivity: .corners)
    let sizes = Components.sizes(of: labels, count: count)
    self.count = count
    voxels = sizes.reduce(0, +)
    ml = Double(voxels) * voxelVolume / 1000
    largestMl = Double(sizes.max() ?? 0) * voxelVolume / 1000
  }
}
