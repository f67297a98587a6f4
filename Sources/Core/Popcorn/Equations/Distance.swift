/// Equation (4): how far two latent vectors are apart, relative to their lengths:
/// 2 ‖a − b‖² / (‖a‖² + ‖b‖² + 10⁻⁸).
///
/// The text of the paper lost its superscripts; the authors' released code squares the norms.
/// - Returns: 0…2 for latents without negative entries, as those behind a ReLU are.
@specialized(where Scalar == Float)
public func latentDistance<Scalar: BinaryFloatingPoint>(_ a: [Scalar], _ b: [Scalar]) -> Double {
  let (apart, lengths) = squares(a, b)
  return 2 * apart / lengths
}

/// The gradients of equation (4) with respect to both latents: ∂/∂a = 4 (a − b) / M − 4 N a / M², with
/// N = ‖a − b‖² and M = ‖a‖² + ‖b‖² + 10⁻⁸; the same with the names exchanged for b.
@specialized(where Scalar == Float)
public func latentDistanceGradient<Scalar: BinaryFloatingPoint>(_ a: [Scalar], _ b: [Scalar]) -> (
  a: [Scalar], b: [Scalar]
) {
  let (apart, lengths) = squares(a, b)
  let pull = 4 / lengths
  let shrink = 4 * apart / (lengths * lengths)
  return (
    a: a.indices.map { Scalar(pull * (Double(a[$0]) - Double(b[$0])) - shrink * Double(a[$0])) },
    b: a.indices.map { Scalar(pull * (Double(b[$0]) - Double(a[$0])) - shrink * Double(b[$0])) }
  )
}

/// ‖a − b‖² and ‖a‖² + ‖b‖² + 10⁻⁸.
@specialized(where Scalar == Float)
private func squares<Scalar: BinaryFloatingPoint>(_ a: [Scalar], _ b: [Scalar]) -> (apart: Double, lengths: Double) {
  precondition(a.count == b.count, "two latents of one length")
  var (apart, lengths) = (0.0, 1e-8)
  for index in a.indices {
    let (x, y) = (Double(a[index]), Double(b[index]))
    apart += (x - y) * (x - y)
    lengths += x * x + y * y
  }
  return (apart, lengths)
}
