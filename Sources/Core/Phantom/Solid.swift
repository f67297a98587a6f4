/// Distances in mm to simple bodies: positive outside, negative inside, close to Euclidean near the surface.
enum Solid {
  @inline(__always)
  static func ellipsoid(_ point: SIMD3<Float>, centre: SIMD3<Float>, radii: SIMD3<Float>) -> Float {
    let unit = (point - centre) / radii
    let first = unit.length
    let second = (unit / radii).length
    return second > 1e-6 ? first * (first - 1) / second : -radii.min()
  }

  /// A tube from `a` to `b` whose radius goes from one value to the other.
  @inline(__always)
  static func tube(_ point: SIMD3<Float>, _ a: SIMD4<Float>, _ b: SIMD4<Float>) -> Float {
    let (start, end) = (SIMD3(a.x, a.y, a.z), SIMD3(b.x, b.y, b.z))
    let (along, from) = (end - start, point - start)
    let share = min(max((along * from).sum() / (along * along).sum(), 0), 1)
    return (from - along * share).length - mix(a.w, b.w, share)
  }

  @inline(__always)
  static func box(_ point: SIMD3<Float>, centre: SIMD3<Float>, half: SIMD3<Float>) -> Float {
    let beyond = point - centre
    let outside = SIMD3(abs(beyond.x), abs(beyond.y), abs(beyond.z)) - half
    let clamped = SIMD3(max(outside.x, 0), max(outside.y, 0), max(outside.z, 0))
    return clamped.length + min(outside.max(), 0)
  }

  /// Union of two bodies with a rounded seam of `radius` mm.
  @inline(__always)
  static func union(_ a: Float, _ b: Float, rounded radius: Float) -> Float {
    let share = max(radius - abs(a - b), 0) / radius
    return min(a, b) - share * share * radius * 0.25
  }
}
