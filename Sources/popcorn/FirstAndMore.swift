/// The first of several names and how many more there are, as sentences have it; nil for none.
func firstAndMore(_ names: [String]) -> String? {
  names.first.map { names.count > 1 ? "\($0) and \(names.count - 1) more" : $0 }
}
