/// What a scanner makes of a head: its contrast, sharpness, slices, shading and noise.
public struct Scanner: Sendable, Hashable {
  /// Its name in reports.
  public let name: String
  /// White matter's stored value.
  let gain: Float
  /// Signals of cortex, deep grey matter and fluid; white matter has 1.
  var grey: Float
  var deep: Float
  var fluid: Float
  /// Factor on the signal of lesions and of what looks like them.
  var conspicuity: Float
  /// Deviation of the smooth shading across the head.
  var bias: Float
  /// Deviation of the noise in each channel (Rician in the magnitude).
  var noise: Float
  /// Deviation of the point spread in voxels.
  var blur: Float
  /// Slices averaged into one.
  var slices: Int
  /// Bend of the contrast curve.
  var curve: Float

  /// This scanner at a share `walk` of its distance from `home`.
  func walking(_ walk: Float, from home: Scanner) -> Scanner {
    var scanner = self
    let paths: [WritableKeyPath<Scanner, Float>] = [
      \.grey, \.deep, \.fluid, \.conspicuity, \.bias, \.noise, \.blur, \.curve,
    ]
    for path in paths { scanner[keyPath: path] = mix(home[keyPath: path], self[keyPath: path], walk) }
    scanner.slices = max(Int(mix(Float(home.slices), Float(slices), walk) + 0.5), 1)
    return scanner
  }

  /// The image of a head with its lesions and mimics: whole numbers from 1 up in the brain, 0 outside.
  func image(of head: Head, lesions: Lesions, mimics: [Float], seed: UInt64) -> [Float] {
    let grid = head.grid
    let rules = PhantomParameters.frozen.lesions
    let soft = Smoothing.gaussian(lesions.contrast, grid: grid, deviation: rules.edge)
    let covered = Smoothing.gaussian(lesions.mask.map(Float.init), grid: grid, deviation: rules.edge)
    var signal = [Float](repeating: 0, count: grid.count)
    for index in 0..<grid.count where head.brain[index] == 1 {
      let white = head.white(index)
      let tissue = white + head.cortex[index] * grey + head.nuclei[index] * deep
      let plain = tissue * head.tone[index] + head.fluid[index] * fluid + conspicuity * mimics[index]
      // A lesion looks alike whatever tissue it took.
      let sick = plain + (1 - plain) * min(covered[index], 1) + conspicuity * soft[index]
      let seen = covered[index] > 0.001 ? max(plain, sick) : plain
      signal[index] = seen * (1 + curve * (seen - 1))
    }
    if blur > 0 { signal = Smoothing.gaussian(signal, grid: grid, deviation: blur) }
    if slices > 1 {
      signal = Smoothing.slices(signal, grid: grid, thick: slices, first: Int(seed % UInt64(slices)))
    }
    return finish(signal, head, seed: seed)
  }

  private func finish(_ signal: [Float], _ head: Head, seed: UInt64) -> [Float] {
    let grid = head.grid
    let shading = Noise(seed: seed, 60, wavelength: 130)
    var chance = Chance(seed: seed, 6)
    var image = [Float](repeating: 0, count: grid.count)
    for index in 0..<grid.count where head.brain[index] == 1 {
      let shade = max(1 + bias * shading(grid.world(index)), 0.3)
      let real = signal[index] * shade + noise * chance.normal()
      let imaginary = noise * chance.normal()
      let magnitude = (real * real + imaginary * imaginary).squareRoot()
      image[index] = max((magnitude * gain).rounded(), 1)
    }
    return image
  }
}

/// Blurs along the axes.
enum Smoothing {
  static func gaussian(_ values: [Float], grid: Grid, deviation: Float) -> [Float] {
    // exp(-x²/2) by repeated squaring of a short series: no libm, the same on every machine.
    func bell(_ x: Float) -> Float {
      let part = -x * x / 32
      let series = 1 + part * (1 + part * (0.5 + part * (1 / 6 + part / 24)))
      let two = series * series
      let four = two * two
      let eight = four * four
      return eight * eight
    }
    let reach = max(Int(3 * deviation + 0.999), 1)
    var weights = (0...reach).map { bell(Float($0) / deviation) }
    let sum = weights[0] + 2 * weights.dropFirst().reduce(0, +)
    weights = weights.map { $0 / sum }
    var result = values
    for axis in 0..<3 { result = along(axis, result, grid, weights) }
    return result
  }

  private static func along(_ axis: Int, _ values: [Float], _ grid: Grid, _ weights: [Float]) -> [Float] {
    let step = [1, grid.size.x, grid.size.x * grid.size.y][axis]
    let length = grid.size[axis]
    var result = values
    for index in 0..<values.count {
      let place = index / step % length
      var sum = weights[0] * values[index]
      for distance in 1..<weights.count {
        if place >= distance { sum += weights[distance] * values[index - distance * step] }
        if place + distance < length { sum += weights[distance] * values[index + distance * step] }
      }
      result[index] = sum
    }
    return result
  }

  /// Every `thick` slices averaged into one, and read out again linearly between the centres of the averages.
  static func slices(_ values: [Float], grid: Grid, thick: Int, first: Int) -> [Float] {
    let plane = grid.size.x * grid.size.y
    let blocks = (grid.size.z + first + thick - 1) / thick
    var means = [Float](repeating: 0, count: blocks * plane)
    for z in 0..<grid.size.z {
      let block = (z + first) / thick
      for pixel in 0..<plane { means[block * plane + pixel] += values[z * plane + pixel] / Float(thick) }
    }
    var result = values
    for z in 0..<grid.size.z {
      let place = max((Float(z + first) + 0.5) / Float(thick) - 0.5, 0)
      let lower = min(Int(place), blocks - 1)
      let upper = min(lower + 1, blocks - 1)
      let share = place - Float(lower)
      for pixel in 0..<plane {
        result[z * plane + pixel] = mix(means[lower * plane + pixel], means[upper * plane + pixel], share)
      }
    }
    return result
  }
}
