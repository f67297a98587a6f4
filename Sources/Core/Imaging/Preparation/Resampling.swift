/// Along one axis: which input voxels an output voxel is made of.
///
/// Towards finer or equal spacing: linear between the two nearest centres. Towards coarser: the mean over the output
/// voxel's extent (area-weighted), so that nothing between two centres is skipped. A whole-voxel shift copies exactly.
/// Within half a voxel of the input's edge its outermost value holds; beyond, 0.
struct AxisSampling: Sendable, Equatable {
  /// Voxels of the input and the output.
  let inputs: Int
  let outputs: Int
  /// Where the centre of output voxel 0 lies, in input voxels.
  let origin: Double
  /// Input voxels an output voxel.
  let step: Double

  var isIdentity: Bool { inputs == outputs && origin == 0 && step == 1 }
  var isShift: Bool { step == 1 && origin == origin.rounded() }

  /// The way back, onto the input's grid.
  var inverse: AxisSampling {
    AxisSampling(inputs: outputs, outputs: inputs, origin: -origin / step, step: 1 / step)
  }

  func contributions(to output: Int) -> (first: Int, weights: [Float]) {
    let centre = origin + Double(output) * step
    guard centre >= -0.5, centre <= Double(inputs) - 0.5 else { return (0, []) }
    if step <= 1 {
      let inside = min(max(centre, 0), Double(inputs - 1))
      let first = Int(inside.rounded(.down))
      let share = inside - Double(first)
      return share == 0 ? (first, [1]) : (first, [Float(1 - share), Float(share)])
    }
    let (low, high) = (max(centre - step / 2, -0.5), min(centre + step / 2, Double(inputs) - 0.5))
    let first = Int((low + 0.5).rounded(.down))
    let last = min(inputs - 1, Int((high + 0.5).rounded(.up)) - 1)
    guard last >= first else { return (min(first, inputs - 1), [1]) }
    let weights = (first...last).map { voxel in
      Float((min(high, Double(voxel) + 0.5) - max(low, Double(voxel) - 0.5)) / (high - low))
    }
    return (first, weights)
  }

  /// The volume sampled along axis 0 (x), 1 (y) or 2 (z).
  func apply(to volume: Volume<Float>, axis: Int) -> Volume<Float> {
    if isIdentity { return volume }
    var sizes = volume.size.list
    let inner = sizes[..<axis].reduce(1, *)
    let outer = sizes[(axis + 1)...].reduce(1, *)
    sizes[axis] = outputs
    let contributions = (0..<outputs).map { self.contributions(to: $0) }
    var result = [Float](repeating: 0, count: inner * outputs * outer)
    volume.values.withUnsafeBufferPointer { input in
      result.withUnsafeMutableBufferPointer { output in
        for block in 0..<outer {
          for (index, contribution) in contributions.enumerated() {
            let target = (block * outputs + index) * inner
            for (offset, weight) in contribution.weights.enumerated() {
              let source = (block * inputs + contribution.first + offset) * inner
              for place in 0..<inner { output[target + place] += weight * input[source + place] }
            }
          }
        }
      }
    }
    return Volume(size: GridSize(sizes), values: result)
  }
}
