/// What the facade has, under PyTorch's dotted names.
module Functional.Laws.Handbook.Facade

open System
open System.Reflection
open System.Runtime.CompilerServices
open Functional.Torch

let private everything =
    BindingFlags.Public ||| BindingFlags.Static ||| BindingFlags.Instance ||| BindingFlags.FlattenHierarchy

let private exported = typeof<torch>.Assembly.GetExportedTypes()

/// Classes whose names carry types, as in Module of Tensor, Tensor, are found without them.
let private plain (t: Type) = t.Name.Split('`')[0]

/// The types that a dotted name may stand for: nested in torch or torchvision, or the class of a layer.
let private walk (parts: string list) : Type list =
    let rec go (holders: Type list) parts =
        match parts with
        | [] -> holders
        | name :: rest ->
            let nested =
                holders
                |> List.collect (fun holder ->
                    [ for t in holder.GetNestedTypes() do
                          if plain t = name then
                              t ])

            let layers =
                if rest.IsEmpty then
                    [ for t in exported do
                          if t.Namespace = "Functional.Torch.Modules" && plain t = name then
                              t ]
                else
                    []

            go (nested @ layers) rest

    match parts with
    // The roots are torch and torchvision.
    | root :: rest ->
        match typeof<torch>.Assembly.GetType("Functional.Torch." + root) with
        | null -> []
        | holder -> go [ holder ] rest
    | [] -> []

/// Python's special methods by C#'s names for them.
let private special =
    dict
        [ "__call__", [ "call" ]
          "__repr__", [ "ToString" ]
          "__sub__", [ "op_Subtraction" ]
          "__pow__", [ "pow" ]
          "__len__", [ "Count" ]
          "__getitem__", [ "GetTensor"; "Item" ]
          "__iter__", [ "GetEnumerator" ] ]

let private names (m: MethodBase) = [ for p in m.GetParameters() -> string p.Name ]

let private extensions (holder: Type) (name: string) =
    [ for t in exported do
          if t.IsAbstract && t.IsSealed && t.IsDefined(typeof<ExtensionAttribute>, false) then
              for m in t.GetMethods everything do
                  if m.Name = name && m.IsDefined(typeof<ExtensionAttribute>, false) then
                      let self = (m.GetParameters()[0]).ParameterType

                      let fits =
                          if self.IsGenericParameter then
                              self.GetGenericParameterConstraints() |> Array.forall (fun c -> c.IsAssignableFrom holder)
                          else
                              self.IsAssignableFrom holder

                      if fits then
                          names m ]

let private members (holder: Type) (name: string) =
    let wanted =
        match special.TryGetValue name with
        | true, others -> others
        | _ -> [ name ]

    [ for name in wanted do
          for m in holder.GetMember(name, everything) do
              match m with
              | :? MethodInfo as m -> if m.IsStatic then names m else "self" :: names m
              | :? PropertyInfo
              | :? FieldInfo -> []
              | _ -> ()

          yield! extensions holder name ]

/// The parameter lists of everything that a name stands for; empty where there is nothing.
let signatures (api: string) : string list list =
    let parts = api.Split '.' |> List.ofArray
    let holder, name = List.take (parts.Length - 1) parts, List.last parts

    [ for found in walk holder do
          yield! members found name
      for t in walk parts do
          []

          for c in t.GetConstructors() do
              names c ]
