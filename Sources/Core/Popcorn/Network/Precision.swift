/// Values in another precision; the same array where it is the same one. `as? [To]` would look at each element.
func converted<From: BinaryFloatingPoint, To: BinaryFloatingPoint>(_ values: [From]) -> [To] {
  if From.self == To.self, let same = values as Any as? [To] { return same }
  return values.map { To($0) }
}
