namespace Functional

open Functional.Contract

/// Factors of symmetric and hermitian matrices that need not be definite. Batch dimensions are equal; the functions of `Linalg` broadcast.
[<RequireQualifiedAccess>]
module IndefiniteFactors =
    /// See `Decomposition.Ldl`. Has no derivative, as in PyTorch.
    let factorPrimitive hermitian : Primitive =
        let refuse _ _ _ =
            raise (
                DifferentiationException
                    "the derivative for 'linalg_ldl_factor_ex' is not implemented: detach its argument, or use linalg.solve on the matrix itself"
            )

        Decompose.primitiveOf (Decomposition.Ldl hermitian) 0 refuse

    let factor hermitian (matrix: Tensor) : Tensor = Engine.bind (factorPrimitive hermitian) [| matrix |]

    /// X with A X = B by what `factor` gave of A, which carries no derivative. dX = A^-1 dB.
    let rec solve hermitian (factors: Tensor) (sides: Tensor) : Tensor =
        Engine.bind (solvePrimitive hermitian) [| factors; sides |]

    and solvePrimitive hermitian : Primitive =
        let linearize (args: Tensor[]) _ i =
            let again b = solve hermitian args[0] b

            match i with
            | 0 ->
                raise (
                    DifferentiationException
                        "the derivative for 'linalg_ldl_solve' with respect to LD is not implemented: detach it, or use linalg.solve on the matrix itself"
                )
            | _ when hermitian -> Engine.symmetric again
            // The adjoint of a symmetric matrix is its conjugate.
            | _ -> Engine.linear again (Matrices.conjugate >> again >> Matrices.conjugate)

        Decompose.primitiveOf (Decomposition.LdlSolve hermitian) 0 linearize
