namespace Functional

open System

/// Cotangents of several arguments that one pass computes together: who asks for the second finds what the first one left.
/// A primitive keeps one of these for as long as its place on a tape stands.
[<Sealed>]
type internal Together() =
    let kept = WeakReference<Found>(null)

    /// What `compute` gives for a cotangent at the arguments of one level; computed once as long as somebody holds it.
    member _.Of(argument: Tensor, cotangent: Tensor, compute: unit -> Tensor[]) : Tensor[] =
        match kept.TryGetTarget() with
        | true, found when obj.ReferenceEquals(found.Cotangent, cotangent) && obj.ReferenceEquals(found.Argument, argument) ->
            found.Cotangents
        | _ ->
            let computed = compute ()
            kept.SetTarget(Found(argument, cotangent, computed))
            computed

and [<Sealed; AllowNullLiteral>] private Found(argument: Tensor, cotangent: Tensor, cotangents: Tensor[]) =
    member _.Argument = argument
    member _.Cotangent = cotangent
    member _.Cotangents = cotangents
