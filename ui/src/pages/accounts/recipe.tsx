// What the platform's admin has to set up, to read and to copy.
import { CopyButton } from "../../components/copy";
import { recipeOf, recipeText } from "../../lib/recipes";

export function RecipePanel({ platform }: { platform: string }) {
  const recipe = recipeOf(platform);
  if (recipe === null) return null;
  return (
    <section className="card panel recipe" aria-labelledby="recipe-title">
      <header><h3 id="recipe-title">{recipe.title}</h3><CopyButton small label="Copy as text" text={recipeText(recipe)} /></header>
      <ul>{recipe.steps.map((step) => <li key={step}>{step}</li>)}</ul>
    </section>
  );
}
