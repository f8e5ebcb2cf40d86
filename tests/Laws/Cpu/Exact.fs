/// Elementary functions to some 300 bits, in whole numbers: what double precision is held against.
module Functional.Laws.Cpu.Exact

open System
open System.Numerics

/// Mantissa * 2^Exponent.
type Exact = { Mantissa: BigInteger; Exponent: int }

let private bits = 320
let private one = BigInteger.One <<< bits

let private shift (n: BigInteger) by = if by >= 0 then n <<< by else n >>> -by
let private times (a: BigInteger) (b: BigInteger) = (a * b) >>> bits
let private over (a: BigInteger) (b: BigInteger) = (a <<< bits) / b

let ofDouble (x: float) =
    let raw = BitConverter.DoubleToInt64Bits x
    let field = int (raw >>> 52) &&& 0x7FF
    let fraction = raw &&& 0xFFFFFFFFFFFFFL
    let whole = if field = 0 then fraction else fraction ||| (1L <<< 52)
    { Mantissa = BigInteger(if raw < 0L then -whole else whole); Exponent = max field 1 - 1075 }

/// With so many bits behind the point. Everything below takes and gives such numbers, but for what ends in Exact.
let private fixed' (x: float) =
    let exact = ofDouble x
    shift exact.Mantissa (exact.Exponent + bits)

let private ofFixed n = { Mantissa = n; Exponent = -bits }

/// first + first * step(1) + ... until nothing is left.
let private series (first: BigInteger) (next: int -> BigInteger -> BigInteger) =
    let rec add n term sum =
        if term = BigInteger.Zero || term = BigInteger.MinusOne then
            sum
        else
            add (n + 1) (next n term) (sum + term)

    add 1 first BigInteger.Zero

/// Half the logarithm of (1 + z) / (1 - z).
let private atanh z =
    let square = times z z
    // Powers of z, each divided by its exponent as it is added.
    let rec add n power sum =
        let term = power / BigInteger(2 * n + 1: int)
        if term.IsZero then sum else add (n + 1) (times power square) (sum + term)

    add 0 z BigInteger.Zero

let private ln2 = BigInteger 2 * atanh (one / BigInteger 3)

let private atanReciprocal (n: int) =
    let square = BigInteger(n * n)

    let rec add k (power: BigInteger) (sum: BigInteger) =
        let term = power / BigInteger(2 * k + 1: int)

        if term.IsZero then
            sum
        else
            add (k + 1) (power / square) (if k % 2 = 0 then sum + term else sum - term)

    add 0 (one / BigInteger n) BigInteger.Zero

/// Machin's formula.
let private pi = BigInteger 16 * atanReciprocal 5 - BigInteger 4 * atanReciprocal 239

let rec private root (n: BigInteger) (guess: BigInteger) =
    let next = (guess + n / guess) / BigInteger 2
    if BigInteger.Abs(next - guess) <= BigInteger.One then next else root n next

let private taylor r = series one (fun n term -> times term r / BigInteger n)

let private expOf x =
    let k = int ((x + ln2 / BigInteger 2) / ln2)
    { Mantissa = taylor (x - BigInteger k * ln2); Exponent = k - bits }

let private logOf (x: float) =
    let exponent = Math.ILogB x
    let scaled = fixed' (Math.ScaleB(x, -exponent))
    // Between 3/4 and 3/2, so that nothing cancels near 1.
    let m, e =
        if scaled > one * BigInteger 3 / BigInteger 2 then
            scaled / BigInteger 2, exponent + 1
        else
            scaled, exponent

    BigInteger e * ln2 + BigInteger 2 * atanh (over (m - one) (m + one))

let exp x = expOf (fixed' x)
let log x = ofFixed (logOf x)
let pow x y = expOf (times (logOf x) (fixed' y))

/// A quotient with as many bits, wherever its point is.
let private ratio (a: BigInteger) (b: BigInteger) = { Mantissa = (a <<< (2 * bits)) / b; Exponent = -2 * bits }

let private rescaled (e: Exact) exponent = shift e.Mantissa (e.Exponent - exponent)

let sigmoid x =
    let power = exp -(abs x)
    let unit = BigInteger.One <<< -power.Exponent

    if x < 0.0 then
        { ratio power.Mantissa (unit + power.Mantissa) with
            Mantissa = (power.Mantissa <<< (4 * bits)) / (unit + power.Mantissa)
            Exponent = -4 * bits }
    else
        ratio unit (unit + power.Mantissa)

let tanh x =
    let power = exp (-2.0 * abs x)
    let unit = BigInteger.One <<< -power.Exponent
    let positive = ratio (unit - power.Mantissa) (unit + power.Mantissa)
    if x < 0.0 then { positive with Mantissa = -positive.Mantissa } else positive

/// x less the nearest multiple of half pi, and which one.
let private quarter x =
    let half = pi / BigInteger 2
    let turned = fixed' x
    let k = BigInteger.Divide(turned + BigInteger(sign x) * half / BigInteger 2, half)
    turned - k * half, int (k &&& BigInteger 3)

let private sine r = series r (fun n term -> -(times (times term r) r) / BigInteger(2 * n * (2 * n + 1): int))
let private cosine r = series one (fun n term -> -(times (times term r) r) / BigInteger((2 * n - 1) * 2 * n: int))

let sin x =
    match quarter x with
    | r, 0 -> ofFixed (sine r)
    | r, 1 -> ofFixed (cosine r)
    | r, 2 -> ofFixed (-(sine r))
    | r, _ -> ofFixed (-(cosine r))

let cos x =
    match quarter x with
    | r, 0 -> ofFixed (cosine r)
    | r, 1 -> ofFixed (-(sine r))
    | r, 2 -> ofFixed (-(cosine r))
    | r, _ -> ofFixed (sine r)

/// 2 / sqrt(pi) times the sum of (-1)^n x^(2n+1) / (n! (2n+1)).
let erf x =
    let z = fixed' x
    let square = times z z

    let rec add n (power: BigInteger) (sum: BigInteger) =
        let term = power / BigInteger(2 * n + 1: int)

        if term.IsZero then
            sum
        else
            add (n + 1) (-(times power square) / BigInteger(n + 1: int)) (sum + term)

    let sum = add 0 z BigInteger.Zero
    ofFixed (over (BigInteger 2 * sum) (root (pi <<< bits) pi))

/// How many steps of double precision a number is off: steps are those at the exact value.
let ulps (actual: float) (exact: Exact) =
    let found = ofDouble actual
    let magnitude = int (BigInteger.Abs(exact.Mantissa).GetBitLength()) - 1 + exact.Exponent
    let step = max magnitude -1022 - 52
    let finest = min (min found.Exponent exact.Exponent) (step - 10)
    let off = BigInteger.Abs(rescaled found finest - rescaled exact finest)
    float ((off <<< 10) >>> (step - finest)) / 1024.0
