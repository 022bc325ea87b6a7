// The public registries, for machines whose own tools name no other. The only place of this project that names them.
export const PUBLIC_PACKAGE_INDEX = 'https://pypi.org/simple/'
export const PUBLIC_MAVEN_REPOSITORY = 'https://repo.maven.apache.org/maven2/'
