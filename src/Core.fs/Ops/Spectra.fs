namespace Functional

open System
open System.Runtime.InteropServices
open Functional.Contract

/// What short-time Fourier transforms agree on. A window shorter than `Points` stands in their middle.
[<NoComparison; NoEquality>]
type Spectrogram =
    {
        /// n_fft: the length of a frame.
        Points: int
        /// hop_length: how far frames are apart.
        Hop: int
        /// win_length.
        WindowLength: int
        Window: Tensor option
        /// Whether frame t is centred at t * Hop, the signal being padded at both ends.
        Center: bool
        /// Whether transforms are scaled by 1/sqrt(Points).
        Normalized: bool
        /// Whether only the frequencies from 0 to Points / 2 are there; by default where signal and window are real.
        Onesided: bool option
    }

/// How a signal goes on beyond its ends.
[<RequireQualifiedAccess>]
type PaddingMode =
    | Constant
    | Reflect
    | Replicate
    | Circular

/// Short-time Fourier transforms (Allen and Rabiner 1977).
[<RequireQualifiedAccess>]
module Spectra =
    let private positions (backend: IBackend) (numbers: int64[]) =
        Creation.ofBytes backend Int64 [| numbers.Length |] (MemoryMarshal.AsBytes(ReadOnlySpan numbers))

    let private describe (name: string) (s: Spectrogram) (signal: Tensor) =
        let window =
            match s.Window with
            | Some w -> $"torch.{Dtype.scalarTypeName w.Dtype}Tensor{{{Shape.format w.Shape}}}"
            | None -> "None"

        let onesided =
            match s.Onesided with
            | Some truth -> string truth
            | None -> "None"

        $"{name}(torch.{Dtype.scalarTypeName signal.Dtype}Tensor{Shape.format signal.Shape}, n_fft={s.Points}, hop_length={s.Hop}, win_length={s.WindowLength}, window={window}, normalized={s.Normalized}, onesided={onesided})"

    let private check (name: string) s signal (conditions: (bool * string) list) =
        for holds, expectation in conditions do
            if not holds then
                raise (ArgumentValueException $"{describe name s signal} : expected {expectation}")

    /// What every transform of this kind asks of its numbers, in PyTorch's words.
    let private checkNumbers name (s: Spectrogram) signal =
        let given =
            match s.Window with
            | Some w -> Shape.format w.Shape
            | None -> "none"

        check
            name
            s
            signal
            [ s.Hop > 0, $"hop_length > 0, but got hop_length={s.Hop}"
              s.WindowLength > 0 && s.WindowLength <= s.Points, $"0 < win_length <= n_fft, but got win_length={s.WindowLength}"
              (match s.Window with
               | Some w -> w.Rank = 1 && w.Shape[0] = s.WindowLength
               | None -> true),
              $"a 1D window tensor of size equal to win_length={s.WindowLength}, but got window with size {given}" ]

    /// The window in the middle of `Points` zeros; none where all weights are 1.
    let private fullWindow (s: Spectrogram) dtype (like: Tensor) =
        let window =
            match s.Window with
            | None when s.WindowLength = s.Points -> None
            | None -> Some(Operands.number like dtype [| s.WindowLength |] (Integer 1L))
            | some -> some

        window
        |> Option.map (fun w ->
            if s.WindowLength = s.Points then
                w
            else
                let lattice = { Structure.everything w.Shape with Start = [| (s.Points - s.WindowLength) / 2 |] }
                Structure.place [| s.Points |] lattice w)

    /// Where a position beyond the ends of n elements is read.
    let private folded mode n i =
        match mode with
        | PaddingMode.Reflect ->
            if i < 0 then -i
            elif i >= n then 2 * (n - 1) - i
            else i
        | PaddingMode.Replicate -> max 0 (min (n - 1) i)
        | PaddingMode.Circular -> (i % n + n) % n
        | PaddingMode.Constant -> i

    /// So many elements more on both sides of the last dimension of [B, n].
    let private padded mode count (signal: Tensor) =
        let n = signal.Shape[1]

        let refuse reason =
            raise (
                ShapeException
                    $"Argument #4: Padding size should be less than the corresponding input dimension, but got: padding ({count}, {count}) at dimension 2 of input [1, {signal.Shape[0]}, {n}]{reason}"
            )

        match mode with
        | PaddingMode.Constant -> Tensor.padConstant 0.0 [ count, count ] signal
        | PaddingMode.Reflect when count >= n -> refuse ": stft with center reflects the signal at its ends"
        | PaddingMode.Circular when count > n -> refuse ": stft with center repeats the signal"
        | _ ->
            Array.init (n + 2 * count) (fun i -> int64 (folded mode n (i - count)))
            |> positions signal.Backend
            |> GatherScatter.select 1 signal

    /// Positions of all points of all frames in the signal, frame after frame.
    let private framing (s: Spectrogram) frames =
        Array.init (frames * s.Points) (fun i -> int64 (i / s.Points * s.Hop + i % s.Points))

    let private norm (s: Spectrogram) = if s.Normalized then FourierNorm.Ortho else FourierNorm.Backward

    /// The spectra of frames of a signal [n] or [B, n]: complex, [frequencies, frames] or [B, frequencies, frames].
    /// Raises ArgumentValueException, ShapeException and DtypeException as torch.stft raises errors.
    let stft (s: Spectrogram) (mode: PaddingMode) (signal: Tensor) : Tensor =
        check
            "stft"
            s
            signal
            [ Dtype.isDifferentiable signal.Dtype, "a tensor of floating point or complex values"
              signal.Rank = 1 || signal.Rank = 2, "a 1D or 2D tensor"
              s.Points > 0, $"n_fft > 0, but got n_fft={s.Points}" ]

        let batched =
            if signal.Rank = 1 then
                Engine.reshape [| 1; signal.Shape[0] |] signal
            else
                signal

        let input = if s.Center then padded mode (s.Points / 2) batched else batched
        let length = input.Shape[1]
        check "stft" s signal [ s.Points <= length, $"0 < n_fft < {length}, but got n_fft={s.Points}" ]
        checkNumbers "stft" s signal
        let window = fullWindow s input.Dtype input
        let isComplex = Tensor.isComplex input || window |> Option.exists Tensor.isComplex
        let onesided = s.Onesided |> Option.defaultValue (not isComplex)

        if onesided && isComplex then
            raise (ArgumentValueException "Cannot have onesided output if window or input is complex (stft)")

        let frames = 1 + (length - s.Points) / s.Hop

        let cut =
            positions input.Backend (framing s frames)
            |> GatherScatter.select 1 input
            |> Engine.reshape [| input.Shape[0]; frames; s.Points |]

        let weighed =
            match window with
            | Some w -> Operands.binary Functions.mul cut w
            | None -> cut

        let spectra =
            if onesided then
                Fft.rfft None -1 (norm s) weighed
            else
                Fft.fft None -1 (norm s) weighed

        let turned = Structure.swapAxes 1 2 spectra

        if signal.Rank = 1 then
            Engine.reshape (Array.skip 1 turned.Shape) turned
        else
            turned

    /// The signal whose `stft` this is, in the sense of least squares (Griffin and Lim 1984); `length` cuts it or fills it with
    /// zeros. Raises ArgumentValueException as torch.istft raises errors.
    let istft (s: Spectrogram) (length: int option) isComplexResult (spectra: Tensor) : Tensor =
        let fail (expectation: string) =
            let call = describe "istft" s spectra
            raise (ArgumentValueException $"{call} : {expectation}")

        if not (Tensor.isComplex spectra) then
            fail "expected a complex tensor of spectra; use torch.view_as_complex for pairs of real numbers"

        if spectra.Rank <> 2 && spectra.Rank <> 3 then
            fail "expected a tensor with 2 or 3 dimensions: frequencies and frames, of several signals or of one"

        if Shape.count spectra.Shape = 0 then
            fail "input tensor cannot be empty."

        let input =
            if spectra.Rank = 2 then
                Engine.reshape (Array.append [| 1 |] spectra.Shape) spectra
            else
                spectra

        let bins, frames = input.Shape[1], input.Shape[2]
        let onesided = s.Onesided |> Option.defaultValue (bins <> s.Points)
        let expected = if onesided then s.Points / 2 + 1 else s.Points

        if bins <> expected then
            fail
                $"expected the frequency dimension (3rd to the last) of the input tensor to match n_fft / 2 + 1 when onesided=True, or n_fft otherwise: {expected}, but got {bins}"

        if not (0 < s.Hop && s.Hop <= s.WindowLength) then
            fail $"expected 0 < hop_length <= win_length, but got hop_length={s.Hop}"

        checkNumbers "istft" s spectra

        if onesided && isComplexResult then
            fail "cannot have onesided spectra where the result is to be complex: pass onesided=False"

        let turned = Structure.swapAxes 1 2 input

        // A real signal is in the one half of its spectrum, whatever the other one holds.
        let pieces =
            if isComplexResult then
                Fft.ifft None -1 (norm s) turned
            else
                Fft.irfft (Some s.Points) -1 (norm s) turned

        let window = fullWindow s (Dtype.toReal input.Dtype) input
        let whole = s.Points + s.Hop * (frames - 1)
        let places = framing s frames |> positions input.Backend

        /// Adds up frames [B, frames, points] where they overlap.
        let overlapped (t: Tensor) =
            let flat = Engine.reshape [| t.Shape[0]; frames * s.Points |] t
            let index = places |> Engine.reshape [| 1; -1 |] |> Engine.expand flat.Shape
            GatherScatter.scatter ScatterAdd 1 (Structure.zeros flat [| flat.Shape[0]; whole |]) index flat

        let weighed, weights =
            match window with
            | Some w ->
                Operands.binary Functions.mul pieces w,
                Operands.unary Functions.square w |> Engine.expand [| 1; frames; s.Points |]
            | None -> pieces, Operands.number pieces (Dtype.toReal pieces.Dtype) [| 1; frames; s.Points |] (Integer 1L)

        let start = if s.Center then s.Points / 2 else 0

        let stop =
            match length with
            | Some length -> start + length
            | None when s.Center -> whole - s.Points / 2
            | None -> whole

        let kept = min stop whole - start
        let cut t = overlapped t |> Structure.narrow 1 start (max 0 kept)
        let envelope = cut weights

        let least (t: Tensor) = Creation.toBytes (t |> Engine.cast Float64 |> Tensor.abs |> Tensor.min |> Structure.detach)

        if Shape.count envelope.Shape > 0 && BitConverter.ToDouble(least envelope, 0) < 1e-11 then
            fail "window overlap add min: 1: some points of the signal lie under no window; use a longer window or a shorter hop"

        let signal = Operands.binary Functions.div (cut weighed) envelope
        let missing = stop - start - signal.Shape[1]
        let signal = if missing > 0 then Tensor.padConstant 0.0 [ 0, missing ] signal else signal
        if spectra.Rank = 2 then Engine.reshape [| signal.Shape[1] |] signal else signal
